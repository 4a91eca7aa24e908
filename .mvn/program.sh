# SPDX-License-Identifier: Apache-2.0
# The packaged program, and how it is known to be that of the sources. Sourced by ./kelvin; Maven runs it, with `stamp FILE`
# before it compiles and with `publish FOLDER FILE` when the jars are packaged.
#
#   cli/target/program/stamp     three lines: the folder of the jars, the fingerprint of their sources, the commit. Its time of
#                                modification is that of the fingerprint
#   cli/target/program/FOLDER/   the jars: complete, since the folder took its name when it was, and never changed

here=${here:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)}
program=$here/cli/target/program
program_modules=(core llm server cli)
program_sources=(pom.xml "${program_modules[@]/%//pom.xml}" "${program_modules[@]/%//src/main}")

# A checksum of the sources, their names and contents. Hidden files are an editor's.
program_fingerprint() {
    (cd -- "$here" && find "${program_sources[@]}" -type f ! -name '.*' -exec cksum {} + | LC_ALL=C sort | cksum | tr ' ' '-')
}

# Writes what is known about the sources to $1, which is as old as the moment before: what changes from then on is younger.
program_stamp() {
    mkdir -p "$(dirname -- "$1")" && : >"$1.time" || return 1
    program_fingerprint >"$1" || return 1
    (cd -- "$here" && git describe --always --dirty 2>/dev/null || echo unknown) >>"$1"
    touch -r "$1.time" "$1"
    rm -f "$1.time"
}

# The program is the folder $1 from now on, made of the sources that $2 tells about.
program_use() {
    { echo "$1" && cat "$2"; } >"$2.used"
    touch -r "$2" "$2.used"
    mv -f "$2.used" "$program/stamp"
}

# Sets program_folder and program_made_of, the folder of the jars and the fingerprint of their sources; fails if there is no
# program.
program_read() {
    local module jar
    { read -r program_folder && read -r program_made_of; } 2>/dev/null <"$program/stamp" || return 1
    program_folder=$program/$program_folder
    for module in "${program_modules[@]}"; do
        for jar in "$program_folder/kelvin-$module"-*.jar; do [ -s "$jar" ] || return 1; done
    done
}

# Whether the program is that of the sources. The time at which a file's state changed cannot be set back, as an unpacked
# archive sets back that of modification. Where something did change, as in a checkout that was copied, the fingerprint tells
# whether it matters.
program_is_current() {
    local changed found=$program/stamp.$$
    changed=$(cd -- "$here" && find "${program_sources[@]}" -cnewer "$program/stamp" -print -quit 2>/dev/null)
    [ -n "$changed" ] || return 0
    if [ ! -w "$program" ]; then
        [ "$(program_fingerprint)" = "$program_made_of" ]
        return
    fi
    program_stamp "$found" || return 1
    if grep -qxF -e "$program_made_of" "$found"; then program_use "${program_folder##*/}" "$found"; else changed=much; fi
    rm -f "$found"
    [ "$changed" != much ]
}

# The jars of folder $1 become the program, made of the sources that $2 tells about. The program before stays, for those who
# start it at this moment; those before that one go.
program_publish() {
    local new=$$.$(date +%s) before='' folder
    mkdir -p "$program"
    rm -rf "$1".*
    mkdir "$1.$$"
    cp "$1"/*.jar "$1.$$"
    mv "$1.$$" "$program/$new"
    program_read && before=$program_folder
    program_use "$new" "$2"
    for folder in "$program"/*/; do
        folder=${folder%/}
        [ "$folder" = "$program/$new" ] || [ "$folder" = "$before" ] || rm -rf "$folder"
    done
}

# Builds with the JDK $1 and the Maven $2, in target/aside.PID of each module: nobody looks at what an interrupted build leaves.
program_build() {
    trap program_remove_asides EXIT
    program_remove_asides
    # The options keep a JDK's remarks about Maven's own libraries out of the progress.
    (cd -- "$here" && JAVA_HOME=$1 MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" \
        "$2" -B -ntp -DskipTests "-Dkelvin.build=target/aside.$$" -Dkelvin.warnings=-nowarn -Dkelvin.checks=-XepDisableAllChecks \
            -pl cli -am package </dev/null 2>&1) |
        sed -n -u -e 's/^\[INFO\] Building Kelvin \([a-z]*\) .*/kelvin:   \1/p' -e '/ERROR/p' >&2 || return 1
    program_remove_asides
    trap - EXIT
}

# Those of this process and of processes that have ended.
program_remove_asides() {
    local aside
    for aside in "$here"/target/aside.* "$here"/*/target/aside.*; do
        [ "${aside##*.}" != $$ ] && kill -0 "${aside##*.}" 2>/dev/null || rm -rf "$aside"
    done
}

# Prints the first folder that a build could not write to, if there is one.
program_unwritable() {
    local folder
    for folder in "$here" "${program_modules[@]/#/$here/}"; do
        [ ! -d "$folder/target" ] || folder=$folder/target
        [ -w "$folder" ] || { echo "$folder"; return; }
    done
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    "program_$1" "${@:2}"
fi
