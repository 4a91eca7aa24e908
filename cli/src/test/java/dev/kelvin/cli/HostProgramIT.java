// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs of others that have Kelvin as a part: on the class path without flags and with them, on the module path, in
 * one jar made of all, and in one with jars inside, as Spring Boot makes it. Each is a JVM of its own, and each tells
 * the same story.
 */
class HostProgramIT {
    private static final Path MODULES = Path.of("target", "modules").toAbsolutePath();
    private static final Path STORIES =
            Path.of("src/main/resources/dev/kelvin/cli/stories.gguf").toAbsolutePath();
    private static final String PROMPT = "Once upon a time";
    private static final String[] NO_FLAGS = {};
    private static final String[] LANES = {"--add-modules", "jdk.incubator.vector"};
    private static final String NO_LANES = "pass --add-modules jdk.incubator.vector to java";

    /** Takes the model from a file or, without one, from beside the class. */
    private static final String STORY = """
            package host;

            import dev.kelvin.generate.GenerateOptions;
            import dev.kelvin.generate.Kelvin;
            import dev.kelvin.head.Temperature;
            import dev.kelvin.head.TopK;
            import java.nio.file.Path;
            import java.util.List;

            public final class Story {
                public static void main(String[] arguments) throws Exception {
                    GenerateOptions options = new GenerateOptions(24, 7, List.of(new TopK(40), new Temperature(1)));
                    try (Kelvin kelvin = arguments.length == 0
                            ? Kelvin.openResource(Story.class, "model.gguf")
                            : Kelvin.open(Path.of(arguments[0]))) {
                        kelvin.complete("Once upon a time", options, System.out::print);
                    }
                }
            }
            """;

    private static final String SERVER = """
            package host;

            import dev.kelvin.format.GgufFile;
            import dev.kelvin.generate.EngineLimits;
            import dev.kelvin.generate.OpenModel;
            import dev.kelvin.model.LoadOptions;
            import dev.kelvin.ops.Compute;
            import dev.kelvin.server.KelvinServer;
            import dev.kelvin.server.ServerOptions;
            import java.net.http.HttpClient;
            import java.net.http.HttpRequest;
            import java.net.http.HttpResponse.BodyHandlers;
            import java.nio.file.Path;

            public final class Server {
                public static void main(String[] arguments) throws Exception {
                    OpenModel open = OpenModel.of(
                            GgufFile.open(Path.of(arguments[0])), Compute.startQuick(2), LoadOptions.QUIET);
                    try (KelvinServer server =
                                    KelvinServer.start(open, EngineLimits.STANDARD, ServerOptions.loopback("host", 0));
                            HttpClient client = HttpClient.newHttpClient()) {
                        HttpRequest request = HttpRequest.newBuilder(server.uri().resolve("/v1/models")).build();
                        System.out.print(client.send(request, BodyHandlers.ofString()).statusCode());
                    }
                }
            }
            """;

    private static final String MODULE =
            "module host { requires dev.kelvin.server; requires java.net.http; opens host to dev.kelvin.llm; }";

    @TempDir
    static Path folder;

    private static Path classes;
    private static Path module;

    /** What the same request gives here. */
    private static String story;

    @BeforeAll
    static void compile() throws IOException {
        Path sources = Files.createDirectories(folder.resolve("sources"));
        String told = Files.writeString(sources.resolve("Story.java"), STORY).toString();
        String serves =
                Files.writeString(sources.resolve("Server.java"), SERVER).toString();
        String describes =
                Files.writeString(sources.resolve("module-info.java"), MODULE).toString();
        classes = folder.resolve("classes");
        module = folder.resolve("module");
        String libraries = HostJars.named(MODULES, "kelvin-").stream()
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        HostJars.compile("-d", classes.toString(), "-cp", libraries, told, serves);
        HostJars.compile("-d", module.toString(), "-p", MODULES.toString(), told, serves, describes);
        for (Path each : List.of(classes, module)) {
            Files.copy(STORIES, each.resolve("host/model.gguf"));
        }
        StringBuilder text = new StringBuilder();
        try (Kelvin kelvin = Kelvin.open(STORIES)) {
            kelvin.complete(
                    PROMPT, new GenerateOptions(24, 7, List.of(new TopK(40), new Temperature(1))), text::append);
        }
        story = text.toString();
        assertTrue(story.length() > 40, story);
    }

    private static String classPath() {
        return classes + File.pathSeparator + MODULES + "/*";
    }

    private static String modulePath() {
        return module + File.pathSeparator + MODULES;
    }

    /** Starts a JVM and returns what it prints. */
    private static String run(String[] options, String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Dstdout.encoding=UTF-8"));
        all.addAll(Arrays.asList(options));
        all.addAll(Arrays.asList(command));
        Process process = new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), all.toString());
        assertEquals(0, process.exitValue(), () -> all + "\n" + err());
        return Files.readString(folder.resolve("out"));
    }

    private static String err() {
        try {
            return Files.readString(folder.resolve("err"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Runs a program without flags and with them: the same story, and a word about the lanes where there are none. */
    private static void assertTellsTheStory(String... command) throws IOException, InterruptedException {
        assertEquals(story, run(NO_FLAGS, command));
        assertTrue(err().contains(NO_LANES), err());
        assertEquals(story, run(LANES, command));
        assertFalse(err().contains(NO_LANES), err());
    }

    @Test
    void onTheClassPath() throws Exception {
        assertTellsTheStory("-cp", classPath(), "host.Story");
        assertEquals(story, run(LANES, "-cp", classPath(), "host.Story", STORIES.toString()));
    }

    /** Where the module of the core asks for the lanes itself. */
    @Test
    void onTheModulePath() throws Exception {
        assertEquals(story, run(NO_FLAGS, "-p", modulePath(), "-m", "host/host.Story"));
        assertFalse(err().contains(NO_LANES), err());
        assertEquals(story, run(NO_FLAGS, "-p", modulePath(), "-m", "host/host.Story", STORIES.toString()));
    }

    @Test
    void inOneJarMadeOfAll() throws Exception {
        Path jar = HostJars.merged(
                folder.resolve("merged.jar"),
                "host.Story",
                classes,
                HostJars.named(MODULES, "kelvin-core", "kelvin-llm"));
        assertTellsTheStory("-jar", jar.toString());
    }

    @Test
    void inAJarWithJarsInside() throws Exception {
        Path jar = HostJars.nested(folder.resolve("nested.jar"), "host.Story", classes, HostJars.named(MODULES, ""));
        assertTellsTheStory("-jar", jar.toString());
    }

    @Test
    void theServerIsAPartToo() throws Exception {
        String model = STORIES.toString();
        assertEquals("200", run(LANES, "-cp", classPath(), "host.Server", model));
        assertEquals("200", run(NO_FLAGS, "-p", modulePath(), "-m", "host/host.Server", model));
        Path jar = HostJars.nested(folder.resolve("serves.jar"), "host.Server", classes, HostJars.named(MODULES, ""));
        assertEquals("200", run(LANES, "-jar", jar.toString(), model));
    }
}
