# SPDX-License-Identifier: Apache-2.0
# Sourced by ./dev: dist makes the download, a folder that runs where no JDK is, and tries it.

# What the program is, as a module: the version of the jars.
dist_version() { sed -n '0,/<version>/s:.*<version>\(.*\)</version>.*:\1:p' "$here/pom.xml"; }

# The licence of each library beside those of the JDK's modules, which jlink copies.
dist_notices() {
    local jar name
    cp "$here/LICENSE" "$2/LICENSE"
    for jar in "$1"/*.jar; do
        name=${jar##*/}
        name=${name%-[0-9]*}
        case $name in kelvin-*) continue ;; esac
        mkdir -p "$2/legal/$name"
        (cd "$2/legal/$name" && unzip -qojC "$jar" 'META-INF/LICENSE*' 'META-INF/NOTICE*' 2>/dev/null) ||
            cp "$here/.mvn/dist/legal/${name%%-*}" "$2/legal/$name/LICENSE"
    done
}

# The folder $2 from the jars of the folder $1. All files are as old as the release: the cache of classes is bound to the age
# of the modules, and equal sources make equal archives but for that cache.
dist_image() {
    local time
    time=$(sed -n 's:.*<project.build.outputTimestamp>\(.*\)</project.build.outputTimestamp>.*:\1:p' "$here/pom.xml")
    "$jdk/bin/jlink" -p "$1" --add-modules dev.kelvin.cli --no-header-files --no-man-pages --output "$2"
    mkdir "$2/lib/kelvin"
    cp "$here/.mvn/start.sh" "$here/cli/src/main/jvm/compiler.json" "$2/lib/kelvin"
    cp "$here/.mvn/dist/kelvin" "$here/.mvn/dist/Dockerfile" "$2"
    mv "$2/kelvin" "$2/bin/kelvin"
    dist_notices "$1" "$2"
    find "$2" -exec touch -h -d "$time" {} +
    # What a story needs is read, linked and profiled ahead (JEP 483, 514, 515).
    KELVIN_JAVA_OPTS=-XX:AOTCacheOutput=$2/lib/kelvin/kelvin.aot \
        "$2/bin/kelvin" generate "Once upon a time" --max-tokens 100 --seed 1 >/dev/null 2>"$2.log" || { cat "$2.log" >&2; return 1; }
    touch -d "$time" "$2/lib/kelvin/kelvin.aot" "$2/lib/kelvin"
}

# The archive $1, unpacked in a folder below $2 whose name has a blank, and run where no JDK can be found.
dist_try() {
    local folder="$2/un packed" expected said
    rm -rf "$folder"
    mkdir -p "$folder/home"
    tar -xzf "$1" -C "$folder"
    dist_program=$(echo "$folder"/kelvin-*/bin/kelvin)
    expected=$("$here/kelvin" generate "Once upon a time" --max-tokens 40 --seed 7 2>/dev/null)
    said=$(dist_run generate "Once upon a time" --max-tokens 40 --seed 7 2>"$folder/err")
    [ ${#said} -gt 60 ] && [ "$said" = "$expected" ] || { echo "dist: another story than the checkout's: $said" >&2; return 1; }
    KELVIN_JAVA_OPTS=-XX:+UseZGC env PATH=/usr/bin:/bin "$dist_program" hi --max-tokens 1 >"$folder/out" 2>>"$folder/err"
    if grep '\[' "$folder/out" || grep -vE '^$|^(prompt|generated|time|memory|run) ' "$folder/err"; then
        echo "dist: the lines above are not the program's" >&2
        return 1
    fi
    dist_commands "$folder" && dist_serve "$folder" || return 1
    rm -rf "$folder"
}

dist_run() { env -i PATH=/usr/bin:/bin "$dist_program" "$@"; }

# Each command in the least way that computes something, in the folder $1; what `dist_run` says is kept for whoever looks.
dist_commands() {
    local said=$1/said line
    echo "Once there was a fox. Once there was an owl. Once there was a fox and an owl." >"$1/text"
    echo '[{"role": "user", "content": "Hello"}]' >"$1/talk.json"
    echo '{"type": "object"}' >"$1/schema.json"
    echo '{{ messages[0].content }}' >"$1/chat.jinja"
    while IFS= read -r line; do
        # shellcheck disable=SC2086  # words of a command
        (cd "$1" && dist_run $line <talk.json >"$said" 2>&1) && [ -s "$said" ] ||
            { echo "dist: kelvin $line:" >&2; cat "$said" >&2; return 1; }
    done <<'END'
--version
help embed
chat --max-tokens 4
temperature --logits 2.0,1.0,0.1
tokenize fox
logits --prompt fox
template --file chat.jinja --messages talk.json
grammar --schema schema.json --text {}
perplexity --text text --context 16
bench --prompt-tokens 8 --generate-tokens 4 --repeats 1
roofline --quick --only softmax --forks 1 --out roofline
train --data text --out fox.gguf --steps 2 --layers 1 --dim 32 --heads 2 --context 16 --batch 2
quantize fox.gguf small.gguf --type Q8_0
inspect small.gguf
generate fox --model small.gguf --max-tokens 4
END
    for line in embed rerank convert; do # which need models of other kinds: they are found and refuse
        if dist_run $line --model "$1/small.gguf" >"$said" 2>&1 || ! grep -q '^kelvin: ' "$said"; then
            echo "dist: kelvin $line:" >&2
            cat "$said" >&2
            return 1
        fi
    done
}

# A server of the download answers one request, and ends when it is told to.
dist_serve() {
    local server address='' answer
    # Not by dist_run: the process to end would be a shell's, and the server would outlive it.
    env -i PATH=/usr/bin:/bin "$dist_program" serve --port 0 >"$1/out" 2>"$1/err" &
    server=$!
    for _ in {1..300}; do
        address=$(sed -n 's,.*served at \(http://[^ ]*\).*,\1,p' "$1/err" | head -n 1)
        [ -z "$address" ] || break
        sleep 0.1
    done
    answer=$(dist_post "$address" /v1/completions '{"prompt": "Once upon a time", "max_tokens": 8}')
    kill -TERM $server
    wait $server || true
    case $answer in
        *'"text"'*) ;;
        *) echo "dist: serve at '$address' answered '$answer'" >&2; cat "$1/err" >&2; return 1 ;;
    esac
}

# Posts $3 to $2 of the server at $1, with nothing but bash.
dist_post() {
    local host=${1#http://} port
    host=${host%/}
    port=${host##*:}
    exec 7<>"/dev/tcp/${host%:*}/$port" || return 1
    printf 'POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
        "$2" "$host" ${#3} "$3" >&7
    timeout 60 cat <&7
    exec 7>&-
}

# Makes and tries target/dist/kelvin-VERSION-linux-x64.tar.gz.
dist() {
    local base=$here/target/dist name
    name=kelvin-$(dist_version)-linux-$(uname -m | sed 's/x86_64/x64/')
    # shellcheck source=.mvn/program.sh
    . "$here/.mvn/program.sh"
    { program_read && program_is_current; } || { program_build "$jdk" "$(command -v mvn || echo "$here/mvnw")" && program_read; }
    rm -rf "$base"
    mkdir -p "$base"
    dist_image "$program_folder" "$base/$name"
    tar --sort=name --owner=0 --group=0 --numeric-owner -C "$base" -cf - "$name" | gzip -9n >"$base/$name.tar.gz"
    (cd "$base" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
    dist_try "$base/$name.tar.gz" "$base" || return 1
    echo "dist: $(du -m "$base/$name.tar.gz" | cut -f 1) MB, tried without a JDK; target/dist/$name.tar.gz"
}
