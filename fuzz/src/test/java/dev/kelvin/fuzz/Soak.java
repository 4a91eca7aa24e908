// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import dev.kelvin.format.GgufFile;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.server.KelvinServer;
import dev.kelvin.server.ServerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * Loads a model, answers, serves and closes, again and again, and writes after each round what the process holds: heap
 * after a collection, resident memory, threads, handles, tokens a second. {@code Soak MODEL MINUTES FOLDER} leaves
 * {@code soak.csv} and {@code soak.svg}, and fails where something has grown. What was measured is kept in the file
 * alone, as it would be seen to grow. For Linux.
 */
final class Soak {
    /** Kept, as a logger that nobody holds is forgotten with its level. */
    private static final Logger LIBRARIES = Logger.getLogger("io.helidon");

    private static final int CALLERS = 4;
    private static final int TOKENS = 64;
    private static final String HEADER = "seconds,heapBytes,residentBytes,threads,handles,tokensPerSecond";

    /** What may be added between the first third of a run and the last, of each column but the last. */
    private static final double[] MOST_GROWTH = {2.5e5, 64e6, 1, 1};

    private static final int ROUNDS_A_DRAWING = 50;

    private final Path model;
    private final Path csv;
    private final Path svg;
    private final long begin = System.nanoTime();

    private Soak(Path model, Path folder) {
        this.model = model;
        csv = folder.resolve("soak.csv");
        svg = folder.resolve("soak.svg");
    }

    public static void main(String... arguments) throws Exception {
        LIBRARIES.setLevel(Level.WARNING);
        Soak soak = new Soak(Path.of(arguments[0]), Files.createDirectories(Path.of(arguments[2])));
        Files.writeString(soak.csv, HEADER + "\n");
        double seconds = 60 * Double.parseDouble(arguments[1]);
        for (int round = 1; round <= 3 || soak.seconds() < seconds; round++) {
            soak.write(soak.round());
            if (round % ROUNDS_A_DRAWING == 0) {
                soak.draw();
            }
        }
        soak.draw();
        System.exit(soak.judge() ? 0 : 1);
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    private double[] round() throws Exception {
        long start = System.nanoTime();
        int tokens = 0;
        try (Kelvin kelvin = Kelvin.open(model, Compute.start(2), EngineLimits.STANDARD)) {
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
                GenerateOptions options = new GenerateOptions(TOKENS, caller, List.of(new Temperature(1)));
                answers.add(CompletableFuture.supplyAsync(() -> {
                    Generation generation = kelvin.complete("Once upon a time", options, text -> {});
                    return generation.generatedTokens();
                }));
            }
            for (CompletableFuture<Integer> answer : answers) {
                tokens += answer.join();
            }
        }
        double rate = tokens / ((System.nanoTime() - start) / 1e9);
        serve();
        return held(rate);
    }

    /** Requests that are answered, refused, and left. */
    private void serve() throws IOException, InterruptedException {
        OpenModel open = OpenModel.of(GgufFile.open(model), Compute.start(2), LoadOptions.QUIET);
        try (KelvinServer server = KelvinServer.start(open, EngineLimits.STANDARD, ServerOptions.loopback("soak", 0));
                HttpClient client = HttpClient.newHttpClient()) {
            for (String body : List.of(
                    "{\"prompt\":\"Once\",\"max_tokens\":16}",
                    "{\"prompt\":\"Once\",\"max_tokens\":16,\"stream\":true}",
                    "{\"prompt\":")) {
                HttpRequest request = HttpRequest.newBuilder(server.uri().resolve("/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
                int status = client.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (status >= 500) {
                    throw new IllegalStateException("status " + status + " for " + body);
                }
            }
        }
    }

    private double[] held(double rate) throws IOException {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        long resident = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                resident = Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
            return new double[] {
                seconds(), heap(), resident, ManagementFactory.getThreadMXBean().getThreadCount(), handles.count(), rate
            };
        }
    }

    /** What the last collection left. The use of now would count what threads have set aside since. */
    private static long heap() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                bytes += pool.getCollectionUsage().getUsed();
            }
        }
        return bytes;
    }

    private void write(double[] row) throws IOException {
        String line = String.format(
                Locale.ROOT, "%.1f,%.0f,%.0f,%.0f,%.0f,%.1f%n", row[0], row[1], row[2], row[3], row[4], row[5]);
        Files.writeString(csv, line, StandardOpenOption.APPEND);
    }

    private List<double[]> rows() throws IOException {
        List<double[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(csv)) {
            if (!line.equals(HEADER)) {
                rows.add(Arrays.stream(line.split(",", -1))
                        .mapToDouble(Double::parseDouble)
                        .toArray());
            }
        }
        return rows;
    }

    private void draw() throws IOException {
        Files.writeString(svg, svg(rows()));
    }

    /** A line a column, each from 0 to its greatest value, over time. */
    private static String svg(List<double[]> rows) {
        String[] names = HEADER.split(",", -1);
        String[] colours = {"", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555"};
        double end = rows.getLast()[0];
        StringBuilder svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 560\""
                        + " font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"760\" height=\"560\" fill=\"white\"/>\n");
        for (int column = 1; column < names.length; column++) {
            double top = 0;
            for (double[] row : rows) {
                top = Math.max(top, row[column]);
            }
            int base = 105 * column;
            StringBuilder points = new StringBuilder();
            for (double[] row : rows) {
                points.append(String.format(
                        Locale.ROOT,
                        "%.1f,%.1f ",
                        10 + 740 * row[0] / end,
                        base - 80 * row[column] / Math.max(1, top)));
            }
            svg.append(String.format(
                    Locale.ROOT,
                    "<text x=\"10\" y=\"%d\">%s, 0 to %,.0f, over %.0f s</text>%n<path d=\"M10 %d H750\" stroke=\"#ccc\"/>%n"
                            + "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>%n",
                    base - 86,
                    names[column],
                    top,
                    end,
                    base,
                    points.toString().strip(),
                    colours[column]));
        }
        return svg.append("</svg>\n").toString();
    }

    /** Compares the medians of the second third, when everything is compiled, and of the last. */
    private boolean judge() throws IOException {
        List<double[]> rows = rows();
        String[] names = HEADER.split(",", -1);
        int third = rows.size() / 3;
        boolean flat = true;
        for (int column = 1; column < names.length; column++) {
            double before = median(rows.subList(third, 2 * third), column);
            double after = median(rows.subList(2 * third, rows.size()), column);
            boolean grown = column - 1 < MOST_GROWTH.length && after > before + MOST_GROWTH[column - 1];
            flat &= !grown;
            System.out.printf(
                    Locale.ROOT,
                    "%-16s %,16.0f then %,16.0f%s%n",
                    names[column],
                    before,
                    after,
                    grown ? "  grown" : "");
        }
        if (!flat) {
            Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .sorted()
                    .forEach(System.out::println);
        }
        System.out.printf(Locale.ROOT, "%d rounds in %.0f s%n", rows.size(), seconds());
        return flat;
    }

    private static double median(List<double[]> rows, int column) {
        double[] sorted = rows.stream().mapToDouble(row -> row[column]).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[sorted.length / 2];
    }
}
