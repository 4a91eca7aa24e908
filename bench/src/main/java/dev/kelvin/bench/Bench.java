// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks of one group or name together with the ceilings, prints each rate as a fraction of its ceiling,
 * and leaves the results as JMH's JSON, with what JMH does not know: the processor and the commit.
 */
public final class Bench {
    /** What a group's benchmarks call their shapes, and the list that they come from. */
    private record Shapes(String parameter, Path list) {}

    /** The lists that tests read, too, by the name of the group. */
    private static final Map<String, Shapes> SHAPES = Map.of(
            "matmul", new Shapes("shape", Path.of("shapes", "gemm.txt")),
            "gemv", new Shapes("shape", Path.of("shapes", "gemv.txt")),
            "quantized", new Shapes("shape", Path.of("shapes", "quantized.txt")),
            "softmax", new Shapes("shape", Path.of("shapes", "softmax.txt")),
            "attention", new Shapes("shape", Path.of("shapes", "attention.txt")),
            "rows", new Shapes("columns", Path.of("shapes", "rows.txt")));

    /** Not under version control; a result worth keeping is copied one folder up. */
    private static final Path RESULTS = Path.of("bench", "results", "local");

    private Bench() {}

    /**
     * The program behind {@code ./dev bench}.
     *
     * @param args a group, a part of a benchmark's name, or {@code list}; what follows are options of JMH
     * @throws RunnerException if JMH fails
     * @throws CommandLineOptionException if JMH does not know an option
     * @throws IOException if the list of shapes cannot be read or the results cannot be written
     */
    public static void main(String[] args) throws RunnerException, CommandLineOptionException, IOException {
        CommandLineOptions jmh =
                new CommandLineOptions(List.of(args).subList(1, args.length).toArray(String[]::new));
        if (args[0].equals("list")) {
            new Runner(jmh).list();
            return;
        }
        String group = args[0].toLowerCase(Locale.ROOT);
        Shapes shapes = SHAPES.get(group);
        ChainedOptionsBuilder builder = new OptionsBuilder()
                .parent(jmh)
                .include(shapes == null ? "(?i)" + args[0] : "(?i)\\." + group + "Benchmark\\.")
                .include("CeilingBenchmark")
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        if (shapes != null && !jmh.getParameter(shapes.parameter()).hasValue()) {
            builder.param(
                    shapes.parameter(), lines(Files.readAllLines(shapes.list())).toArray(String[]::new));
        }
        Collection<RunResult> results = new Runner(builder.build()).run();
        System.out.println();
        new RateTable(results.stream().map(Measured::of).toList()).lines().forEach(System.out::println);
        System.out.println("JSON: " + write(results, args[0]));
    }

    /**
     * The shapes of a list. Of the lengths of rows they are those of models; the ones before are edges that only tests
     * want.
     */
    static List<String> lines(List<String> list) {
        String models = "# Model dimensions";
        boolean edges = list.stream().anyMatch(line -> line.startsWith(models));
        return list.stream()
                .dropWhile(line -> edges && !line.startsWith(models))
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static Path write(Collection<RunResult> results, String name) throws IOException {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(json, true, UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
        }
        // The first key of each result.
        String first = "\"jmhVersion\"";
        String more = "\"cpu\" : \"" + cpu() + "\",\n        \"cores\" : "
                + Runtime.getRuntime().availableProcessors() + ",\n        \"commit\" : \"" + commit()
                + "\",\n        " + first;
        Files.createDirectories(RESULTS);
        String file = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".json";
        return Files.writeString(RESULTS.resolve(file), json.toString(UTF_8).replace(first, more));
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (Files.exists(info)) {
            for (String line : Files.readAllLines(info)) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).strip();
                }
            }
        }
        return System.getProperty("os.arch");
    }

    /** The commit that is checked out, with a mark if files differ from it. */
    private static String commit() throws IOException {
        Process git = new ProcessBuilder("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String commit = new String(git.getInputStream().readAllBytes(), UTF_8).strip();
        return commit.isEmpty() ? "unknown" : commit;
    }
}
