// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs each example in a JVM of its own, as a reader would: on the class path, without a model. */
class ExamplesIT {
    private static final Path SOURCES = Path.of("src", "main", "java", "dev", "kelvin", "examples");
    private static final Set<String> RUN = new TreeSet<>();

    @TempDir
    private Path folder;

    /** What an example prints; it must end well, and say nothing on standard error. */
    private String run(Class<?> example, String... args) throws IOException, InterruptedException {
        RUN.add(example.getSimpleName());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("java.class.path"),
                example.getName()));
        command.addAll(List.of(args));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        try {
            assertTrue(process.waitFor(2, TimeUnit.MINUTES), "it does not end");
        } finally {
            process.destroyForcibly();
        }
        String said = Files.readString(err, StandardCharsets.UTF_8);
        assertEquals(
                "",
                said.replace("WARNING: Using incubator modules: jdk.incubator.vector", "")
                        .strip());
        assertEquals(0, process.exitValue());
        return Files.readString(out, StandardCharsets.UTF_8);
    }

    @Test
    void aTextIsContinued() throws Exception {
        String text = run(StreamACompletion.class);
        assertTrue(text.startsWith("Once upon a time") && text.length() > 200, text);
    }

    @Test
    void aChatHasTwoTurns() throws Exception {
        List<String> lines = run(HaveAChat.class).lines().toList();
        assertEquals("> Who lives in the forest?", lines.getFirst());
        int second = lines.indexOf("> And what do they eat?");
        assertTrue(second >= 2 && second < lines.size() - 1, lines.toString());
    }

    @Test
    void theNearestTextsAreThoseOfDogs() throws Exception {
        List<String> lines = run(EmbedAndSearch.class).lines().toList();
        assertEquals(2, lines.size(), lines.toString());
        assertTrue(lines.getFirst().contains("dog") || lines.getFirst().contains("puppy"), lines.toString());
    }

    @Test
    void aTextIsClassified() throws Exception {
        List<String> lines = run(ClassifyByLogits.class).lines().toList();
        assertTrue(lines.get(0).contains("very happy  ("), lines.toString());
        assertTrue(lines.get(1).contains("very sad  ("), lines.toString());
    }

    @Test
    void theAnswerIsJsonOfItsSchema() throws Exception {
        Map<?, ?> answer = (Map<?, ?>) JsonReader.read(run(ConstrainedJson.class));
        assertEquals(List.of("animal", "name", "age"), List.copyOf(answer.keySet()));
        assertTrue(List.of("dog", "cat", "bird").contains(answer.get("animal")), answer.toString());
        assertTrue((Long) answer.get("age") >= 1 && (Long) answer.get("age") <= 20, answer.toString());
    }

    @Test
    void aModelLearnsARhyme() throws Exception {
        Path model = folder.resolve("rhyme.gguf");
        String text = run(TrainATinyModel.class, model.toString());
        assertTrue(text.contains("three, four, knock at the door,\nfive, six, pick up s"), text);
        assertTrue(Files.size(model) > 0);
    }

    @Test
    void theCoreAloneMakesATokenAndALoss() throws Exception {
        String text = run(TensorCore.class);
        assertTrue(text.contains("logits  [2.0, 1.0, 0.1]"), text);
        assertTrue(text.contains("τ = 0.0  [1.0, 0.0, 0.0]"), text);
        assertTrue(text.contains("loss    0.417"), text);
    }

    @Test
    void langChain4jHasBothAnswersAlike() throws Exception {
        List<String> lines = run(UseLangChain4j.class).lines().toList();
        assertTrue(lines.getLast().matches("\\d+ tokens"), lines.toString());
        assertTrue(lines.get(lines.size() - 2).contains("outputTokenCount = "), lines.toString());
        List<String> answers = lines.subList(0, lines.size() - 2);
        assertEquals(answers.subList(0, answers.size() / 2), answers.subList(answers.size() / 2, answers.size()));
    }

    /** An example that is new has a test, too. */
    @AfterAll
    static void allAreRun() throws IOException {
        Set<String> there = new TreeSet<>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .forEach(there::add);
        }
        there.remove("Models");
        assertEquals(there, RUN);
    }
}
