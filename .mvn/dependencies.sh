# SPDX-License-Identifier: Apache-2.0
# What modules depend on, pinned by the SHA-256 of each jar, and what is known against it. Maven runs it, with
# `check CLASSPATH` in each module and with `vulnerabilities` once; `./dev dependencies` writes the list anew.
#
#   .mvn/dependencies.sha256    a line a jar: its sum, group:artifact:version and file, sorted
#   .mvn/dependencies.provided  those that only the tests of kelvin-spark run with: a cluster has its own

here=${here:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)}
pinned=$here/.mvn/dependencies.sha256
provided=$here/.mvn/dependencies.provided
osv=${KELVIN_OSV:-https://api.osv.dev/v1/querybatch}

# The jars of a class path ($1) that are not of this checkout: its own classes and jars are made, not had.
dependencies_jars() {
    tr ':' '\n' <<<"$1" | grep '\.jar$' | grep -v -F "$here/" | grep -v '/dev/kelvin/' | LC_ALL=C sort -u
}

# A line of the list for each jar on standard input. A repository has group/with/slashes/artifact/version/file.
dependencies_lines() {
    local jar folder version artifact group
    while IFS= read -r jar; do
        folder=${jar%/*} version=${jar%/*} artifact=${folder%/*}
        version=${folder##*/} group=${artifact%/*} artifact=${artifact##*/}
        group=${group##*/repository/}
        echo "$(sha256sum <"$jar" | cut -d ' ' -f 1) ${group//\//.}:$artifact:$version ${jar##*/}"
    done
}

# Fails where a jar of class path $1 is not pinned, or is another one than that which is.
dependencies_check() {
    local line wrong=0
    [ -n "${KELVIN_UNPINNED:-}" ] && return
    while IFS= read -r line; do
        grep -qxF -e "$line" "$pinned" || {
            echo "dependencies: ${line#* } with SHA-256 ${line%% *} is not in .mvn/dependencies.sha256" >&2
            wrong=1
        }
    done < <(dependencies_jars "$1" | dependencies_lines)
    [ $wrong = 0 ] || echo "dependencies: if that is meant, ./dev dependencies writes the list anew" >&2
    return $wrong
}

# Adds the jars of class path $1 to the list in file $2, each with the module, $3.
dependencies_collect() {
    dependencies_jars "$1" | dependencies_lines | sed "s/\$/ $3/" >>"$2"
}

# The names on a list that was collected ($1) which only kelvin-spark has.
dependencies_provided() {
    awk '{ others[$2] += $4 != "kelvin-spark" } END { for (name in others) if (!others[name]) print name }' "$1" | LC_ALL=C sort
}

# What is known against the pinned versions, by the database of osv.dev: fails if there is anything that is not in
# .mvn/vulnerabilities.accepted, which names each with the reason. Where the database cannot be had, the last answer for the
# same list counts, and if there is none, that is said. What a cluster brings in its own version is not asked for.
dependencies_vulnerabilities() {
    local cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/kelvin answer list from ids id wrong=0
    list=$(cut -d ' ' -f 2 "$pinned" | LC_ALL=C sort -u)
    [ ! -f "$provided" ] || list=$(grep -vxF -f "$provided" <<<"$list" || true)
    answer=$cache/osv-$(cksum <<<"$list" | tr ' ' '-').json
    if [ -f "$osv" ]; then
        answer=$osv from=$osv
    elif mkdir -p "$cache" 2>/dev/null && sed 's/\(.*\):\(.*\)/{"package":{"ecosystem":"Maven","name":"\1"},"version":"\2"}/' <<<"$list" |
        paste -s -d , | sed 's/.*/{"queries":[&]}/' |
        curl -s -f --max-time 10 -H 'Content-Type: application/json' --data @- "$osv" -o "$answer.new" 2>/dev/null &&
        grep -q '"results"' "$answer.new"; then
        mv "$answer.new" "$answer"
        from="osv.dev of today"
    elif [ -f "$answer" ]; then
        from="osv.dev of $(date -r "$answer" +%F)"
    else
        rm -f "$answer.new"
        echo "dependencies: the list of known vulnerabilities could not be had from $osv; nothing is known of $(wc -l <<<"$list") artifacts" >&2
        return 0
    fi
    ids=$({ grep -o '"id": *"[^"]*"' "$answer" || true; } | sed 's/.*"\([^"]*\)"$/\1/' | LC_ALL=C sort -u)
    for id in $ids; do
        grep -q "^$id " "$here/.mvn/vulnerabilities.accepted" 2>/dev/null || {
            echo "dependencies: $id is known against one of them (https://osv.dev/vulnerability/$id)" >&2
            wrong=1
        }
    done
    [ $wrong = 1 ] || echo "dependencies: nothing that is not accepted is known against $(wc -l <<<"$list") artifacts ($from)"
    return $wrong
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    "dependencies_$1" "${@:2}"
fi
