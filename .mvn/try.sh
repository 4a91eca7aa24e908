# SPDX-License-Identifier: Apache-2.0
# Sourced by ./dev: try_tests compiles what changed with javac alone and runs the named test classes. It keeps its classes in
# */target/try, apart from Maven's, and asks neither Error Prone nor the formatter: that is what `./dev check` is for.

try_modules=(core llm server cli proptest fuzz)

# The version that pom.xml gives to $1.
try_version() { sed -n "s:.*<$1\.version>\(.*\)</$1\.version>.*:\1:p" "$here/pom.xml" | head -n 1; }

# The jars that tests run with, copied once a version, all at once.
try_libraries() {
    local folder=$here/target/try-libraries pom=$here/target/try-libraries.xml artifact group name version wanted=
    for artifact in org.junit.platform:junit-platform-console-standalone:"$(try_version junit | sed 's/^5/1/')" \
        info.picocli:picocli:"$(try_version picocli)" com.fasterxml.jackson.core:jackson-core:"$(try_version jackson)" \
        org.jline:jline-reader:"$(try_version jline)" org.jline:jline-terminal:"$(try_version jline)" \
        com.networknt:json-schema-validator:"$(try_version json-schema-validator)" com.ethlo.time:itu:1.10.2 \
        com.fasterxml.jackson.core:jackson-databind:2.17.1 com.fasterxml.jackson.core:jackson-annotations:2.17.1 \
        com.fasterxml.jackson.dataformat:jackson-dataformat-yaml:2.17.1 org.slf4j:slf4j-api:2.0.13 \
        org.springframework.boot:spring-boot-loader:4.1.1 com.code-intelligence:jazzer:"$(try_version jazzer)" com.code-intelligence:jazzer-api:"$(try_version jazzer)" \
        com.code-intelligence:jazzer-junit:"$(try_version jazzer)" \
        dev.ludovic.netlib:blas:"$(try_version netlib)" net.sourceforge.f2j:arpack_combined_all:0.1 \
        net.jqwik:jqwik-api:"$(try_version jqwik)" net.jqwik:jqwik-engine:"$(try_version jqwik)"; do
        IFS=: read -r group name version <<<"$artifact"
        [ -f "$folder/$name-$version.jar" ] ||
            wanted+="<artifactItem><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></artifactItem>"
    done
    if [ -n "$wanted" ]; then
        mkdir -p "$folder"
        cat >"$pom" <<END
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.kelvin</groupId>
  <artifactId>kelvin-try</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-dependency-plugin</artifactId>
        <version>$(sed -n 's:.*<artifactId>maven-dependency-plugin</artifactId><version>\(.*\)</version>.*:\1:p' "$here/pom.xml")</version>
        <configuration>
          <artifactItems>$wanted</artifactItems>
          <outputDirectory>$folder</outputDirectory>
        </configuration>
      </plugin>
    </plugins>
  </build>
</project>
END
        maven -q -f "$pom" dependency:copy >&2
    fi
    try_path=$folder/'*'
    try_server_libraries "$folder/server"
    try_path+=:$folder/server/'*'
}

# Those of the server and of the clients that test it come with others: Maven finds them by the module's pom, less the modules
# of Kelvin, which it would have to build.
try_server_libraries() {
    local pom=$here/target/try-server/pom.xml
    [ "$1/complete" -nt "$here/pom.xml" ] && [ "$1/complete" -nt "$here/server/pom.xml" ] && return
    rm -rf "$1"
    mkdir -p "$1" "${pom%/*}"
    awk '/<dependency>/ { held = ""; inside = 1 }
        inside { held = held $0 "\n" }
        /<\/dependency>/ { inside = 0; if (held !~ /<groupId>dev\.kelvin</) printf "%s", held; next }
        /<build>/ { build = 1 }
        !inside && !build { print }
        /<\/build>/ { build = 0 }
        /<version>.*SNAPSHOT/ { print "    <relativePath>../../pom.xml</relativePath>" }' "$here/server/pom.xml" >"$pom"
    maven -q -f "$pom" dependency:copy-dependencies -DoutputDirectory="$1" >&2 && touch "$1/complete"
}

# Whether $1, a stamp, is missing or older than anything below the folders that follow.
try_stale() {
    local stamp=$1
    shift
    [ ! -f "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -type f -print -quit 2>/dev/null)" ]
}

# Compiles $1, the sources of a module (main or test), against try_path, unless nothing below it or before it changed.
try_compile() {
    local sources=$1 classes=$2 changed=$3
    [ -d "$sources/java" ] || return 0
    if [ "$changed" = yes ] || try_stale "$classes.stamp" "$sources"; then
        rm -rf "$classes"
        mkdir -p "$classes"
        find "$sources/java" -name '*.java' ! -name module-info.java >"$classes.files"
        "$jdk/bin/javac" -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -proc:none -nowarn -Xlint:none -g -parameters \
            --add-modules jdk.incubator.vector -cp "$try_path" -d "$classes" @"$classes.files" \
            2> >(grep -v incubator >&2) || return 1
        [ ! -d "$sources/resources" ] || cp -R "$sources/resources/." "$classes"
        [ "$sources" != "$here/cli/src/main" ] || cp -R "$here/shapes" "$classes/dev/kelvin/cli/roofline/measure/"
        touch "$classes.stamp"
        try_changed=yes
    fi
}

try_tests() {
    local module test name changed=no target
    local -A path_of=()
    try_libraries
    for module in "${try_modules[@]}"; do
        target=$here/$module/target/try
        try_changed=$changed
        try_compile "$here/$module/src/main" "$target/main" "$changed" || return 1
        changed=$try_changed
        try_path=$target/main:$try_path
        # The tests of core lend the kernels of every lane width to those of the other modules.
        if [ "$module" = core ] || [ $# -eq 0 ] || try_names "$module" "$@"; then
            try_compile "$here/$module/src/test" "$target/test" "$changed" || return 1
            path_of[$module]=$target/test:$try_path
            [ "$module" != core ] || try_path=$target/test:$try_path
        fi
    done
    for test in "$@"; do
        name=
        for module in "${try_modules[@]}"; do
            name=$(cd "$here/$module/src/test/java" 2>/dev/null && find . -name "${test%%#*}.java" | head -n 1)
            [ -z "$name" ] || break
        done
        [ -n "$name" ] || { echo "dev: no test class ${test%%#*}" >&2; return 2; }
        name=${name#./}
        name=${name%.java}
        name=${name//\//.}
        case $test in *'#'*) set -- --select-method "$name#${test#*#}" ;; *) set -- --select-class "$name" ;; esac
        (cd "$here/$module" && "$jdk/bin/java" --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
            -XX:+EnableDynamicAgentLoading -ea -Xmx2g -XX:+UseSerialGC -Dkelvin.classes=../core/target/try/main:../llm/target/try/main:../server/target/try/main:target/try/main \
            -cp "${path_of[$module]}" org.junit.platform.console.ConsoleLauncher execute \
            --disable-banner --details=tree --disable-ansi-colors ${try_config[@]+"${try_config[@]}"} "$@" 2> >(grep -v incubator >&2)) || return 1
    done
}

# Compiles everything with the tests of module $1; try_path is what they run with then.
try_tests_of() {
    local changed=no target module tests=
    try_libraries
    for module in "${try_modules[@]}"; do
        target=$here/$module/target/try
        try_changed=$changed
        try_compile "$here/$module/src/main" "$target/main" "$changed" || return 1
        changed=$try_changed
        try_path=$target/main:$try_path
        if [ "$module" = "$1" ]; then
            try_compile "$here/$module/src/test" "$target/test" "$changed" || return 1
            tests=$target/test
        fi
    done
    try_path=$tests:$try_path
}

# Whether module $1 has one of the test classes that follow.
try_names() {
    local module=$1 test
    shift
    for test in "$@"; do
        [ -z "$(find "$here/$module/src/test/java" -name "${test%%#*}.java" -print -quit 2>/dev/null)" ] || return 0
    done
    return 1
}
