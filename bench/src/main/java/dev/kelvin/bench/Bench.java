// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
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
 * Runs the benchmarks of one name together with the ceilings, prints each rate as a fraction of its ceiling, and leaves
 * the results as JMH's JSON, with what JMH does not know: the processor and the commit.
 */
public final class Bench {
    private static final Path GEMM_SHAPES = Path.of("shapes", "gemm.txt");
    private static final Path ROW_LENGTHS = Path.of("shapes", "rows.txt");

    /** What moves the same bytes through the same arrays and does nothing else, by the name of an operation on rows. */
    private static final Map<String, String> SAME_BYTES = Map.of(
            "add", "ceilingMerge",
            "swiGlu", "ceilingMerge",
            "rmsNorm", "ceilingCopy",
            "rope", "ceilingCopy",
            "exp", "ceilingCopy",
            "logSoftmax", "ceilingCopy",
            "logSumExp", "ceilingRead",
            "max", "ceilingRead",
            "argmax", "ceilingRead");

    /** Not under version control; a result worth keeping is copied one folder up. */
    private static final Path RESULTS = Path.of("bench", "results", "local");

    private Bench() {}

    /**
     * The program behind {@code ./dev bench}.
     *
     * @param args a part of a benchmark's name, or {@code list}; what follows are options of JMH
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
        ChainedOptionsBuilder builder = new OptionsBuilder()
                .parent(jmh)
                .include("(?i)" + args[0])
                .include("CeilingBenchmark")
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        // The shapes that the tests of equal bits read, too. A parameter that no benchmark of the run has does no harm.
        if (!jmh.getParameter("shape").hasValue() && Files.exists(GEMM_SHAPES)) {
            builder.param("shape", shapes().toArray(String[]::new));
        }
        if (!jmh.getParameter("columns").hasValue() && Files.exists(ROW_LENGTHS)) {
            builder.param("columns", rowLengths().toArray(String[]::new));
        }
        Collection<RunResult> results = new Runner(builder.build()).run();
        print(results);
        System.out.println("JSON: " + write(results, args[0]));
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

    private static List<String> shapes() throws IOException {
        return Files.readAllLines(GEMM_SHAPES).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    /** Of the lengths of rows those of models; the ones before are the edges that tests want. */
    private static List<String> rowLengths() throws IOException {
        return Files.readAllLines(ROW_LENGTHS).stream()
                .dropWhile(line -> !line.startsWith("# Model dimensions"))
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static void print(Collection<RunResult> results) {
        Map<String, Double> ceilings = new TreeMap<>();
        for (RunResult result : results) {
            String name = result.getParams().getBenchmark();
            if (name.contains("CeilingBenchmark")) {
                String counter = name.contains(".fma") ? "flops" : "bytes";
                ceilings.put(counter + (name.endsWith("OfTwo") ? 2 : 1), rate(result, counter));
            }
        }
        System.out.printf(
                "%n%-44s %9s %9s %6s %9s %6s %7s %8s %8s   %s%n",
                "benchmark",
                "µs",
                "GFLOP/s",
                "of it",
                "GB/s",
                "of it",
                "of same",
                "B/op",
                "Kelvin ×",
                "µs of each fork");
        for (RunResult result : results) {
            double opsPerNano = result.getPrimaryResult().getScore();
            String threads = threads(result.getParams());
            System.out.printf(
                    Locale.ROOT,
                    "%-44s %9.1f %s %s %7s %8.0f %8s   %s%n",
                    label(result.getParams()),
                    1e-3 / opsPerNano,
                    ofCeiling(rate(result, "flops"), ceilings.get("flops" + threads)),
                    ofCeiling(rate(result, "bytes"), ceilings.get("bytes" + threads)),
                    ofSameBytes(result, results),
                    rate(result, "gc.alloc.rate.norm"),
                    lead(result, results),
                    forks(result));
        }
        System.out.println("of it: the rate as a fraction of the ceiling of as many threads, measured in this run:"
                + " fused multiply-adds in registers, and reading 1 GiB. Blank for more than two threads."
                + " of same: as a fraction of what moves the same bytes and does nothing else."
                + " Kelvin ×: how many times as fast Kelvin does the same work.");
    }

    private static String threads(BenchmarkParams params) {
        return params.getParamsKeys().contains("threads")
                ? params.getParam("threads")
                : Integer.toString(params.getThreads());
    }

    /** In the row of somebody else, Kelvin's rate with the same other parameters as a multiple of theirs. */
    private static String lead(RunResult result, Collection<RunResult> results) {
        BenchmarkParams params = result.getParams();
        if (!params.getParamsKeys().contains("by") || params.getParam("by").startsWith("KELVIN")) {
            return "";
        }
        String wanted = label(params).replace("by=" + params.getParam("by"), "by=KELVIN");
        return results.stream()
                .filter(other -> label(other.getParams()).equals(wanted))
                .map(other -> String.format(
                        Locale.ROOT,
                        "%.2f",
                        other.getPrimaryResult().getScore()
                                / result.getPrimaryResult().getScore()))
                .findFirst()
                .orElse("");
    }

    /** For an operation on rows, the fraction of the rate at which its bytes can be moved. */
    private static String ofSameBytes(RunResult result, Collection<RunResult> results) {
        String name = name(result.getParams());
        String ceiling = SAME_BYTES.get(name);
        if (ceiling == null) {
            return "";
        }
        String wanted = ceiling + label(result.getParams()).substring(name.length());
        return results.stream()
                .filter(other -> label(other.getParams()).equals(wanted))
                .map(other -> String.format(Locale.ROOT, "%.2f", rate(result, "bytes") / rate(other, "bytes")))
                .findFirst()
                .orElse("");
    }

    private static String name(BenchmarkParams params) {
        return params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
    }

    private static String label(BenchmarkParams params) {
        String name = name(params);
        List<String> values = new ArrayList<>();
        for (String key : params.getParamsKeys()) {
            values.add(key + "=" + params.getParam(key));
        }
        return name + " " + String.join(" ", values);
    }

    private static double rate(RunResult result, String counter) {
        Result<?> secondary = result.getSecondaryResults().get(counter);
        return secondary == null ? Double.NaN : secondary.getScore();
    }

    private static String ofCeiling(double rate, Double ceiling) {
        if (Double.isNaN(rate) || rate == 0) {
            return String.format("%9s %6s", "", "");
        }
        String ratio = ceiling == null ? "" : String.format(Locale.ROOT, "%.2f", rate / ceiling);
        return String.format(Locale.ROOT, "%9.1f %6s", rate, ratio);
    }

    private static String forks(RunResult result) {
        return result.getBenchmarkResults().stream()
                .map(fork -> String.format(
                        Locale.ROOT, "%.1f", 1e-3 / fork.getPrimaryResult().getScore()))
                .collect(Collectors.joining(" "));
    }
}
