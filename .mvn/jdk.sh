# SPDX-License-Identifier: Apache-2.0
# Sourced by ./kelvin and ./dev: find_jdk prints the home of a JDK 25 or newer, or says in one sentence where it looked.

# Sets jdk_version to that of the JDK at $1, empty if there is none. Reads the file `release` and starts nothing, as this is done
# at each start of the program.
jdk_read() {
    local line
    jdk_version=
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
            JAVA_VERSION=*)
                line=${line#JAVA_VERSION=}
                jdk_version=${line//\"/}
                return
                ;;
        esac
    done <"$1/release"
}

# Whether the JDK at $1 is a 25 or newer.
jdk_is_new() {
    jdk_read "$1"
    local feature=${jdk_version%%[!0-9]*}
    [ "${feature:-0}" -ge 25 ]
}

# Says what is known against the JDK at $1: one release overwrites arrays that native code holds, where G1 collects.
jdk_remark() {
    jdk_read "$1"
    case ${jdk_version%%[!0-9.]*} in
        25 | 25.0 | 25.0.[012] | 25.0.[012].*)
            echo "kelvin: the JDK at $1 is older than 25.0.3, which fixes JDK-8377811: under the G1 collector it can" \
                "corrupt memory; Kelvin runs with the serial collector unless KELVIN_JAVA_OPTS asks for another" >&2
            ;;
    esac
}

# $1: the file that a usable JDK must have, bin/java to run or bin/javac to build.
find_jdk() {
    local home on_path
    if [ -n "${KELVIN_JAVA_HOME:-}" ]; then
        if jdk_is_new "$KELVIN_JAVA_HOME" && [ -x "$KELVIN_JAVA_HOME/$1" ]; then
            echo "$KELVIN_JAVA_HOME"
            return
        fi
        echo "kelvin: KELVIN_JAVA_HOME=$KELVIN_JAVA_HOME is not a JDK 25 or newer" >&2
        return 1
    fi
    on_path=$(command -v java 2>/dev/null) && on_path=$(readlink -f "$on_path") && on_path=${on_path%/bin/java}
    for home in "${JAVA_HOME:-}" "$on_path" \
        /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* "${HOME:-}"/.jdks/* "${HOME:-}"/.sdkman/candidates/java/* \
        "${HOME:-}"/.local/share/mise/installs/java/* "${HOME:-}"/.asdf/installs/java/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        if [ -n "$home" ] && jdk_is_new "$home" && [ -x "$home/$1" ]; then
            echo "$home"
            return
        fi
    done
    echo "kelvin: no JDK 25 or newer in KELVIN_JAVA_HOME, JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.jdks or ~/.sdkman; install one, or set KELVIN_JAVA_HOME to its home" >&2
    return 1
}
