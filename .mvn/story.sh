# SPDX-License-Identifier: Apache-2.0
# How a story starts, a text by the model that comes with the program: sourced by ./kelvin. That model computes in plain loops,
# so the JVM needs neither the module of lanes nor the server's libraries, and can take its classes, linked, and what was known
# of their methods, from a cache (JEP 483, 514, 515); docs/decisions/0222.
#
#   cli/target/program/FOLDER/story-*.aot   one for each JDK; empty where it is being made, or could not be

# Whether the arguments ask for a story. Where this says no by mistake, it begins half a second later.
story_asked() {
    local argument
    [ -z "${JAVA_TOOL_OPTIONS:-}${JDK_JAVA_OPTIONS:-}${KELVIN_JAVA_OPTS:-}" ] || return 1
    case ${1:-} in
        generate | *' '*) ;; # no other command has a blank
        *) return 1 ;;
    esac
    for argument; do
        case $argument in --model* | --draft*) return 1 ;; esac
    done
}

# Sets story_java, the command as far as the class path, and story_cache, for the JDK at $1.
story_prepare() {
    local jar path=
    for jar in "$program_folder"/kelvin-{cli,llm,core,server}-*.jar "$program_folder"/{picocli,jackson,jline}-*.jar; do
        path+=:$jar
    done
    jdk_read "$1"
    story_cache=$program_folder/story-$jdk_version${1//\//-}.aot
    story_java=("$1/bin/java" -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:+DisplayVMOutputToStderr
        -XX:Tier4BackEdgeThreshold=400000 -XX:+UseSerialGC -Xms16m -cp "${path#:}")
}

# Makes the cache of the JDK at $1, unless there is one or somebody is at it. Nothing is said of it, and nobody needs it.
story_make() {
    story_prepare "$1"
    (set -o noclobber && : >"$story_cache") 2>/dev/null || return 0
    "${story_java[@]}" "-XX:AOTCacheOutput=$story_cache.$$" dev.kelvin.cli.Main generate "Once upon a time" --echo \
        --max-tokens 100 --seed 1 </dev/null >/dev/null 2>&1 && mv -f "$story_cache.$$" "$story_cache" 2>/dev/null || true
    rm -f "$story_cache.$$"*
}

# start_story JDK ARGUMENT ...: the JVM takes the place of this shell. Behind it, when it has ended, the cache is made.
start_story() {
    local jdk=$1 cache=()
    shift
    start_streams
    start_charset
    story_prepare "$jdk"
    if [ -s "$story_cache" ]; then
        cache=("-XX:AOTCache=$story_cache" "-Xlog:aot*=off" "-Xlog:cds*=off")
    elif [ ! -e "$story_cache" ] && [ -w "$program_folder" ]; then
        (
            trap '' HUP INT
            while kill -0 $$; do sleep 1; done
            story_make "$jdk"
        ) </dev/null >/dev/null 2>&1 &
    fi
    exec "${story_java[@]}" ${cache[@]+"${cache[@]}"} ${encoding[@]+"${encoding[@]}"} -Dkelvin.stdin="$input" \
        dev.kelvin.cli.Main "$@"
}
