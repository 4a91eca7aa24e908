// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Fields;
import dev.kelvin.format.json.JsonReader;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Starts JVMs that run {@link Fork} as this one was started: with the same modules, memory and options of the JIT
 * compiler.
 */
final class ForkProcess {
    /** A JVM that says nothing for so long hangs. */
    private static final long PATIENCE_SECONDS = 180;

    /** What the launcher adds by itself, or what belongs to this process alone. */
    private static final List<String> OWN = List.of(
            "-Djdk.module.main",
            "-Djava.class.path",
            "-Dsun.java.",
            "-Dkelvin.stderr",
            "-Dkelvin.stdin",
            "-XX:AOT",
            "-agent",
            "-javaagent");

    /** What {@code ./kelvin} tells the JIT compiler for Kelvin's kernels: not for others. */
    private static final List<String> FOR_KELVIN =
            List.of("-XX:CompilerDirectivesFile", "-XX:CompileCommand=CompileThreshold", "-XX:Tier4BackEdgeThreshold");

    /**
     * Calls wait for their code: on a busy machine, compilers in the background would leave the interpreter to be
     * timed.
     */
    private static final String WAIT_FOR_COMPILERS = "-XX:-BackgroundCompilation";

    /**
     * Classes that {@code ./kelvin} has compiled when HotSpot likes, and whose vectors lie on the heap until then, a
     * thousand times slower: a tenth of the calls is enough. The code is the same (docs/decisions/0203). Not those of
     * packed weights, which box some vectors for good if they are compiled so soon.
     */
    private static final List<String> SOON = List.of("*Lanes", "*Exponential", "*Logistic", "*SoftCap");

    private final Optional<Path> peers;

    /** @param peers a jar in which a service loader finds peers */
    ForkProcess(Optional<Path> peers) {
        this.peers = peers;
    }

    /** Takes what a JVM says. */
    @FunctionalInterface
    interface Listener {
        /** A line of {@link Fork}. */
        void line(Fields line) throws IOException;
    }

    /**
     * Runs a JVM with Kelvin's options and some more.
     *
     * @throws IOException if it fails: the message has its last words
     */
    void kelvin(List<String> options, List<String> arguments, Listener listener)
            throws IOException, InterruptedException {
        List<String> command = java(_ -> true);
        SOON.forEach(classes -> command.add("-XX:CompileCommand=CompileThresholdScaling," + classes + "::*,0.1"));
        command.addAll(options);
        run(command, Optional.empty(), arguments, listener);
    }

    /** Runs a JVM with the peers in its class path, and with their options in place of Kelvin's. */
    void peers(List<String> options, List<String> arguments, Listener listener)
            throws IOException, InterruptedException {
        List<String> command = java(option -> !startsWithAny(option, FOR_KELVIN));
        command.addAll(List.of("--add-modules=ALL-DEFAULT", "--add-modules=jdk.incubator.vector"));
        command.addAll(options);
        run(command, peers, arguments, listener);
    }

    private static List<String> java(Predicate<String> keep) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !startsWithAny(option, OWN) && keep.test(option))
                .forEach(command::add);
        command.add(WAIT_FOR_COMPILERS);
        return command;
    }

    private static boolean startsWithAny(String option, List<String> beginnings) {
        return beginnings.stream().anyMatch(option::startsWith);
    }

    private static void run(List<String> command, Optional<Path> jar, List<String> arguments, Listener listener)
            throws IOException, InterruptedException {
        Module module = Fork.class.getModule();
        String path = module.isNamed() ? "" : System.getProperty("java.class.path");
        String classPath = jar.map(file -> path.isEmpty() ? file.toString() : path + File.pathSeparator + file)
                .orElse(path);
        if (!classPath.isEmpty()) {
            command.addAll(List.of("-cp", classPath));
        }
        String main = Fork.class.getName();
        command.addAll(module.isNamed() ? List.of("-m", module.getName() + "/" + main) : List.of(main));
        command.addAll(arguments);
        listen(command, listener);
    }

    private static void listen(List<String> command, Listener listener) throws IOException, InterruptedException {
        Path words = Files.createTempFile("kelvin-roofline", ".log");
        Process process =
                new ProcessBuilder(command).redirectError(words.toFile()).start();
        Thread end = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(end);
        Watch watch = new Watch(process);
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                watch.heard();
                if (line.startsWith("{")) {
                    listener.line(new Fields(JsonReader.read(line), "measurement"));
                }
            }
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(lastWords(words, code));
            }
        } finally {
            watch.end();
            process.destroyForcibly();
            removeHook(end);
            Files.deleteIfExists(words);
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process ends already, and the hook with it.
            return;
        }
    }

    private static String lastWords(Path file, int code) throws IOException {
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("\tat ") && !line.contains("incubator modules"))
                .toList();
        return lines.isEmpty()
                ? "a JVM ended with code " + code
                : lines.getLast().strip();
    }

    /** Ends a process that has been silent for too long. */
    private static final class Watch {
        private final Thread thread;
        private volatile long heard = System.nanoTime();

        Watch(Process process) {
            thread = Thread.ofPlatform().daemon().name("kelvin-roofline-watch").start(() -> watch(process));
        }

        private void watch(Process process) {
            try {
                while (System.nanoTime() - heard < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                    Thread.sleep(500);
                }
                process.destroyForcibly();
            } catch (InterruptedException e) {
                return; // the process has ended
            }
        }

        void heard() {
            heard = System.nanoTime();
        }

        void end() {
            thread.interrupt();
        }
    }
}
