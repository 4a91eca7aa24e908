// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A report with one of everything: of a machine that never was, whose figures are easy to check. */
public final class CannedReport {
    private static final List<String> SHAPES =
            List.of("8 2048 5632", "32 2048 5632", "128 2048 5632", "512 2048 2048", "256 256 256", "512 512 512");

    private static final List<String> ROWS = List.of("add", "RMSNorm", "SwiGLU", "exp", "RoPE", "argmax");

    private CannedReport() {}

    /** The report, with times as many times as long as {@code slowness} says. */
    public static Report report(double slowness) {
        return new Report(
                new Run("2026-01-02T03:04:05Z", "kelvin 1.2.3", "quick", 42.5),
                environment(),
                new Noise(new double[] {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009}, 3000, 0.002),
                ceilings(),
                results(slowness),
                List.of(
                        new Variant(
                                "kelvin.vectorBits=128",
                                List.of("-Dkelvin.vectorBits=128"),
                                "",
                                List.of(gemm("512 512 512", 60, slowness * 2))),
                        new Variant(
                                "kelvin.vectorBits=512",
                                List.of("-Dkelvin.vectorBits=512"),
                                "this processor's vectors are narrower",
                                List.of())));
    }

    private static Environment environment() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cpu", "Imaginary <Processor> 9000 & Co.");
        facts.put("system", "Linux 7.0 amd64");
        facts.put("jvm", "OpenJDK 64-Bit Server VM 25.0.3+9-LTS");
        facts.put(
                "options", "-XX:+UnlockDiagnosticVMOptions -XX:CompileCommand=quiet -XX:Tier4BackEdgeThreshold=400000");
        facts.put("lanes", "256 bits");
        return new Environment(
                facts,
                List.of(new Cache(1, 32 << 10, 1), new Cache(2, 512 << 10, 1), new Cache(3, 32 << 20, 2)),
                8L << 30,
                2,
                256);
    }

    private static List<Ceiling> ceilings() {
        List<Ceiling> ceilings = new ArrayList<>();
        for (int threads : new int[] {1, 2}) {
            for (int bits : new int[] {256, 128}) {
                double peak = 100.0 * threads * bits / 256;
                ceilings.add(
                        new Ceiling(Resource.FMA, Ceiling.REGISTERS, bits, threads, List.of(0.99 * peak, peak), 3));
                ceilings.add(new Ceiling(Resource.INTEGER, Ceiling.REGISTERS, bits, threads, List.of(2 * peak), 2.9));
            }
            List<String> levels = List.of("L1", "L2", "L3", Ceiling.MEMORY);
            for (int i = 0; i < levels.size(); i++) {
                double rate = threads * 200.0 / (1 << i);
                for (Resource resource : List.of(Resource.READ, Resource.COPY, Resource.WRITE)) {
                    ceilings.add(new Ceiling(resource, levels.get(i), 256, threads, List.of(rate), Double.NaN));
                }
            }
        }
        return ceilings;
    }

    private static List<Result> results(double slowness) {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < SHAPES.size(); i++) {
            results.add(gemm(SHAPES.get(i), 60 + 5 * i, slowness));
        }
        results.add(new Result(
                new Subject("Neighbour", "gemm", "gemm", "512 512 512", "F32", 1),
                gemmCost("512 512 512"),
                "",
                List.of("slow at this shape (an issue of theirs)"),
                List.of(fork(2 * 512.0 * 512 * 512 / 20, 0)),
                ""));
        for (String type : List.of("F32", "F16", "Q8_0", "Q4_0")) {
            double bytes = 2048 * 5632 * (type.equals("F32") ? 4 : type.equals("F16") ? 2 : 1);
            results.add(new Result(
                    new Subject(Subject.KELVIN, "gemv", "gemv", "1 2048 5632", type, 2),
                    new Cost(2.0 * 2048 * 5632, bytes, 1 << 28, Resource.FMA, Resource.READ),
                    "133·2⁻²⁴·Σ|x·w|",
                    List.of(),
                    List.of(fork(slowness * bytes / 45, 0), fork(slowness * bytes / 44, 0)),
                    ""));
        }
        for (String row : ROWS) {
            double bytes = 8.0 * (1 << 16);
            results.add(new Result(
                    new Subject(Subject.KELVIN, "rows", row, "32 2048", "F32", 1),
                    new Cost(bytes / 8 * (1 + row.length()), bytes, (long) bytes, Resource.FMA, Resource.COPY),
                    "0.833 ULP",
                    List.of(),
                    List.of(fork(slowness * bytes / (30 + row.length()), row.equals("RoPE") ? 100_000 : 0)),
                    row.equals("argmax") ? "no memory" : ""));
        }
        return results;
    }

    private static Cost gemmCost(String shape) {
        String[] s = shape.split(" ", -1);
        double m = Double.parseDouble(s[0]);
        double k = Double.parseDouble(s[1]);
        double n = Double.parseDouble(s[2]);
        double bytes = 4 * (m * k + n * k + m * n);
        return new Cost(2 * m * n * k, bytes, (long) bytes, Resource.FMA, Resource.READ);
    }

    private static Result gemm(String shape, double rate, double slowness) {
        Cost cost = gemmCost(shape);
        return new Result(
                new Subject(Subject.KELVIN, "gemm", "gemm", shape, "F32", 1),
                cost,
                "133·2⁻²⁴·Σ|x·w|",
                List.of(),
                List.of(
                        fork(slowness * cost.operations() / rate, 0),
                        fork(slowness * cost.operations() / (rate + 1), 0),
                        fork(slowness * cost.operations() / (rate + 2), 0)),
                "");
    }

    private static ForkTime fork(double nanos, double allocated) {
        return new ForkTime(nanos, 0.995 * nanos, 1.005 * nanos, allocated, 0.01);
    }
}
