// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The commands of README and the howtos, as they stand there: each block that is marked {@code sh}, and each command
 * within a line that begins with {@code ./kelvin}. They run in a folder that has the files which the pages name.
 */
class HowtosIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SPAN = Pattern.compile("`(\\./kelvin [^`]*)`");

    /** Words that stand for something else. */
    private static final Pattern PLACEHOLDER = Pattern.compile(".* (FOLDER|COMMAND)\\b.*");

    /**
     * Stands for each program that the pages call. {@code ./kelvin} is the real one, asked for less where a reader
     * would have to wait. A server at the usual port goes on in the background, at a free one, until the next such or
     * the end.
     */
    private static final String READER = """
            #!/usr/bin/env bash
            set -euo pipefail
            served() { sed -n 's,.*served at \\(http://[^ ]*[^ /]\\).*,\\1,p' "err.$1"; }
            serve() {
                local words=() name=server
                while [ $# -gt 0 ]; do
                    case $1 in
                        --port) name=other && shift ;;
                        --host) name=other && words+=("$1" 127.0.0.1) && shift ;;
                        --kv-memory) words+=("$1" 16M) && shift ;;
                        *) words+=("$1") ;;
                    esac
                    shift
                done
                end $name
                "$KELVIN" "${words[@]}" --port 0 >/dev/null 2>"err.$name" &
                echo $! >$name
                for _ in {1..600}; do
                    [ -z "$(served $name)" ] || break
                    kill -0 $! 2>/dev/null || break
                    sleep 0.05
                done
                [ $name = server ] || end $name
                [ -n "$(served $name)" ] || { cat "err.$name" >&2; return 1; }
            }
            end() {
                local process
                [ -f "$1" ] || return 0
                process=$(cat "$1")
                rm "$1"
                kill "$process" || return 0
                while kill -0 "$process" 2>/dev/null; do sleep 0.02; done
            }
            case ${0##*/}-${1:-} in
                kelvin-serve) serve "$@" ;;
                kelvin-train)
                    "$KELVIN" "$@" --steps 2 --layers 1 --dim 32 --heads 2 --context 16 --batch 2 ;;
                kelvin-bench) "$KELVIN" "$@" --prompt-tokens 8 --generate-tokens 4 --repeats 1 ;;
                kelvin-roofline) ;; # minutes
                kelvin-generate) "$KELVIN" "$@" --max-tokens 40 ;;
                kelvin-*) "$KELVIN" "$@" ;;
                curl-*) exec "$CURL" -fsS "${@/http:\\/\\/127.0.0.1:8080/$(served server)}" ;;
                dev-try)
                    for test in "${@:2}"; do
                        [ -n "$(find "$ROOT" -name "$test.java" -path '*/src/test/*' -print -quit)" ] || exit 2
                    done ;;
                end-) end server ;;
                *) ;; # Maven, other commands of ./dev, a cluster: not within seconds
            esac
            """;

    @TempDir
    Path folder;

    /** A page has commands as scripts, in their order. */
    private static List<String> scripts(Path page) throws IOException {
        List<String> scripts = new ArrayList<>();
        StringBuilder block = null;
        for (String line : Files.readAllLines(page)) {
            if (line.equals("```sh")) {
                block = new StringBuilder();
            } else if (line.equals("```") && block != null) {
                scripts.add(block.toString());
                block = null;
            } else if (block != null) {
                block.append(line).append('\n');
            } else {
                Matcher span = SPAN.matcher(line);
                while (span.find()) {
                    if (!PLACEHOLDER.matcher(span.group(1)).matches()) {
                        scripts.add(span.group(1) + "\n");
                    }
                }
            }
        }
        return scripts;
    }

    /** README and the howtos that have commands. */
    static List<String> pages() throws IOException {
        List<String> pages = new ArrayList<>(List.of("README.md"));
        try (Stream<Path> howtos = Files.list(ROOT.resolve("docs/howto"))) {
            for (Path page : howtos.sorted().toList()) {
                if (!scripts(page).isEmpty()) {
                    pages.add(ROOT.relativize(page).toString());
                }
            }
        }
        return pages;
    }

    private void writeFiles() throws IOException {
        Path stories = ROOT.resolve("cli/src/main/resources/dev/kelvin/cli/stories.gguf");
        for (String name : List.of("model.gguf", "qwen.gguf", "large.gguf", "small.gguf")) {
            Files.copy(stories, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        try (GgufFile file = GgufFile.open(stories)) {
            GgufWriter encoder = new GgufWriter().metadataOf(file, Set.of()).metadata("llama.pooling_type", 1);
            for (TensorInfo info : file.tensors()) {
                encoder.tensor(info.name(), file.tensor(info.name()).toHeap());
            }
            encoder.write(folder.resolve("minilm.gguf"));
        }
        Files.writeString(folder.resolve("person.json"), "{\"enum\": [\"Ada\"]}");
        Files.writeString(folder.resolve("shakespeare.txt"), "ROMEO: But soft!\nJULIET: Ay me!\n".repeat(40));
        for (String name : List.of("kelvin", "dev", "curl", "mvn", "spark-submit", "end")) {
            Path program = Files.writeString(folder.resolve(name), READER);
            assertTrue(program.toFile().setExecutable(true));
        }
    }

    private static String path(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .map(place -> Path.of(place, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + program + " in PATH"))
                .toString();
    }

    /** What a script says in all; it must end well. */
    private String run(String script) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        ProcessBuilder builder = new ProcessBuilder("bash", "-euo", "pipefail", "-c", script)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().put("KELVIN", ROOT.resolve("kelvin").toString());
        builder.environment().put("ROOT", ROOT.toString());
        builder.environment().put("CURL", path("curl"));
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        Process process = builder.start();
        process.outputWriter().close();
        assertTrue(process.waitFor(2, TimeUnit.MINUTES), script);
        String said = Files.readString(out);
        assertEquals(0, process.exitValue(), () -> script + said);
        return said;
    }

    @AfterEach
    void endTheServer() throws IOException, InterruptedException {
        if (Files.exists(folder.resolve("end"))) {
            run("./end");
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void commandsDoWhatThePageSays(String page) throws IOException, InterruptedException {
        writeFiles();
        for (String script : scripts(ROOT.resolve(page))) {
            if (script.contains("reranker.gguf")) {
                RerankCommandTest.writeReranker(folder.resolve("reranker.gguf"));
            }
            run(script);
        }
    }

    /** A command that is refused is found. */
    @Test
    void aWrongCommandIsFound() throws IOException {
        writeFiles();
        for (String wrong : List.of(
                "./kelvin inspect model.gguf --no-such-option\n",
                "./kelvin serve --cores 2\n",
                "./dev try NoSuchTest\n")) {
            AssertionError error = assertThrows(AssertionError.class, () -> run(wrong));
            assertTrue(error.getMessage().contains(wrong.strip()), error.getMessage());
        }
    }
}
