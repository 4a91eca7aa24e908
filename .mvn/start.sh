# SPDX-License-Identifier: Apache-2.0
# How the program starts: sourced by ./kelvin and by the launcher of the download, bin/kelvin.

# The JVM announces the options of the environment, its compiler directives and its incubator module. Only those lines are
# dropped, up to the last of them; whatever else the JVM says passes through, and the program itself writes to file descriptor
# 3, the true stderr, so its order is kept.
without_announcements() {
    trap '' INT
    local line
    while IFS= read -r line; do
        case $line in
            "1 compiler directives added" | "Picked up JAVA_TOOL_OPTIONS: "* | "NOTE: Picked up JDK_JAVA_OPTIONS: "*) continue ;;
            "WARNING: Using incubator modules: jdk.incubator.vector") exec cat ;;
        esac
        printf '%s\n' "$line"
    done
    printf '%s' "$line"
}

# A descriptor that is closed would be given to the first file that the JVM opens, and read or written as a standard stream.
# Sets input, whether there is one.
start_streams() {
    input=open
    { : 9<&0; } 2>/dev/null || { input=closed && exec </dev/null; }
    { : 9>&1; } 2>/dev/null || exec 1</dev/null # writing fails, and that is told
    : 9>&2 || exec 2>/dev/null
}

# The JVM reads arguments in the charset of the locale. The C locale, which also stands in for one that is not installed, has
# ASCII only: a prompt would lose its other characters, and a file its name. They are UTF-8 then; what is shown stays ASCII. Sets
# encoding, the options of the JVM that say so.
start_charset() {
    local character=é
    encoding=()
    [ ${#character} -gt 1 ] || return 0
    case $(locale charmap 2>/dev/null) in
        ANSI_X3.4-1968 | US-ASCII)
            export LC_ALL=C.UTF-8 2>/dev/null
            encoding=(-Dstdout.encoding=US-ASCII -Dstderr.encoding=US-ASCII)
            ;;
    esac
}

# start_program JAVA DIRECTIVES [OPTION ...] -- ARGUMENT ...: the JVM takes the place of this shell. DIRECTIVES is the file of
# compiler directives; the options are the JVM's, as where the modules are.
start_program() {
    local java=$1 directives=$2 options=() jit=() kernels asked memory
    shift 2
    while [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    shift

    start_streams
    start_charset

    # The JIT compiler: products soon, before the insides of the Vector API, and each once rather than first for the loop that it
    # is in (on-stack replacement); docs/decisions/0034. A JVM that does not know these options goes without, unless there are
    # options of the user among them: those it must know.
    jit+=(-XX:+UnlockDiagnosticVMOptions -XX:+DisplayVMOutputToStderr -XX:CompileCommand=quiet
        "-XX:CompilerDirectivesFile=$directives" -XX:Tier4BackEdgeThreshold=400000)
    for kernels in Gemm GemmTile Gemv; do
        jit+=("-XX:CompileCommand=CompileThresholdScaling,*$kernels::*,0.1")
    done
    asked="${JAVA_TOOL_OPTIONS:-}${JDK_JAVA_OPTIONS:+ $JDK_JAVA_OPTIONS}${KELVIN_JAVA_OPTS:+ $KELVIN_JAVA_OPTS}"
    [ -n "$asked" ] || jit+=(-XX:+IgnoreUnrecognizedVMOptions)

    # A small heap that is given back, unless another collector is asked for.
    case " $asked " in
        *" -XX:+Use"*"GC "*) memory=() ;;
        *) memory=(-XX:+UseSerialGC -Xms16m) ;;
    esac

    exec 3>&2
    # shellcheck disable=SC2086  # KELVIN_JAVA_OPTS holds several options
    exec "$java" "${jit[@]}" ${memory[@]+"${memory[@]}"} ${encoding[@]+"${encoding[@]}"} ${KELVIN_JAVA_OPTS:-} \
        -Dkelvin.stderr=3 -Dkelvin.stdin="$input" --add-opens java.base/java.io=dev.kelvin.cli \
        "${options[@]}" -m dev.kelvin.cli/dev.kelvin.cli.Main "$@" \
        2> >(without_announcements >&3)
}
