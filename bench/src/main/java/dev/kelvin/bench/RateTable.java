// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The results of a run as lines of text, each rate beside the ceilings that were measured in the same run. */
final class RateTable {
    /** By the name of an operation, what moves the same bytes through the same arrays and does nothing else. */
    private static final Map<String, String> SAME_BYTES = Map.ofEntries(
            Map.entry("add", "ceilingMerge"),
            Map.entry("swiGlu", "ceilingMerge"),
            Map.entry("rmsNorm", "ceilingCopy"),
            Map.entry("exp", "ceilingCopy"),
            Map.entry("logSoftmax", "ceilingCopy"),
            Map.entry("softmax", "ceilingCopy"),
            Map.entry("rope", "ceilingInPlace"),
            Map.entry("softmaxInPlace", "ceilingInPlace"),
            Map.entry("logSumExp", "ceilingRead"),
            Map.entry("max", "ceilingRead"),
            Map.entry("argmax", "ceilingRead"),
            Map.entry("decode", "ceilingRead"),
            Map.entry("gemv", "ceilingRead"));

    /**
     * What moves them and also does what the operation cannot do without: multiplications, divisions, a second pass.
     */
    private static final Map<String, String> SAME_WORK = Map.of(
            "rmsNorm", "ceilingNorm",
            "rope", "ceilingRope",
            "exp", "ceilingExp",
            "elementwise", "ceilingElementwise",
            "swiGlu", "ceilingSwiGlu",
            "softmax", "ceilingSoftmax",
            "softmaxInPlace", "ceilingSoftmax",
            "logSoftmax", "ceilingLogSoftmax",
            "logSumExp", "ceilingLogSumExp");

    private static final String FORMAT = "%-52s %10s %9s %7s %9s %7s %8s %7s %8s %8s   %s";

    private static final String LEGEND = "of peak, of read: the rate as a fraction of the ceiling of as many threads:"
            + " fused multiply-adds in registers, and reading 1 GiB; blank for more than two threads.\n"
            + "of bytes: of the rate of what moves the same bytes through the same arrays and does nothing else;"
            + " of work: of what does the same multiplications, divisions and passes besides.\n"
            + "Kelvin ×: how many times as fast Kelvin does the same work. All ceilings are of this run.";

    private static final String WARNING =
            "!: so many bytes were put on the heap that vectors were boxed, or not compiled"
                    + " yet: the time says nothing. Warm up longer (-wi, -w); if the mark stays, C2 boxes.";

    /**
     * Bytes a nanosecond on the heap: the harness allocates a hundredth of it, boxed vectors a hundred times as much.
     */
    private static final double BOXED = 0.005;

    /** Bytes a call that are more than the objects of a short one. */
    private static final int OBJECTS = 4096;

    private final Map<String, Measured> byLabel = new HashMap<>();
    private final Map<String, Double> ceilings = new HashMap<>();
    private final Collection<Measured> results;

    RateTable(Collection<Measured> results) {
        this.results = results;
        for (Measured result : results) {
            byLabel.put(result.group() + "." + result.label(), result);
            if (result.group().equals("CeilingBenchmark")) {
                boolean arithmetic = result.name().startsWith("fma");
                ceilings.put(
                        (arithmetic ? "flops" : "bytes") + result.threads(),
                        arithmetic ? result.flops() : result.bytes());
            }
        }
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                FORMAT,
                "benchmark",
                "µs",
                "GFLOP/s",
                "of peak",
                "GB/s",
                "of read",
                "of bytes",
                "of work",
                "B/op",
                "Kelvin ×",
                "µs of each fork"));
        for (Measured result : results) {
            lines.add(line(result));
        }
        lines.addAll(List.of(LEGEND.split("\n", -1)));
        if (results.stream().anyMatch(RateTable::boxed)) {
            lines.add(WARNING);
        }
        return lines;
    }

    private String line(Measured result) {
        return String.format(
                FORMAT,
                result.label(),
                number(result.nanos() * 1e-3, 2),
                rate(result.flops()),
                ratio(result.flops(), ceilings.get("flops" + result.threads())),
                rate(result.bytes()),
                ratio(result.bytes(), ceilings.get("bytes" + result.threads())),
                beside(result, SAME_BYTES.get(result.name())),
                beside(result, SAME_WORK.get(result.name())),
                Double.isNaN(result.allocated()) ? "" : number(result.allocated(), 0) + (boxed(result) ? "!" : ""),
                lead(result),
                result.forks().stream().map(nanos -> number(nanos * 1e-3, 2)).collect(Collectors.joining(" ")));
    }

    /** A rate as a fraction of that of another method of the same class with the same parameters. */
    private String beside(Measured result, String ceiling) {
        Measured other = ceiling == null ? null : byLabel.get(result.group() + "." + result.label(ceiling, "", ""));
        return other == null ? "" : ratio(result.bytes(), other.bytes());
    }

    /** In the row of somebody else, Kelvin's speed with the same other parameters as a multiple of theirs. */
    private String lead(Measured result) {
        String by = result.params().get("by");
        if (by == null || by.equals("KELVIN")) {
            return "";
        }
        Measured kelvin = byLabel.get(result.group() + "." + result.label(result.name(), "by", "KELVIN"));
        return kelvin == null ? "" : number(result.nanos() / kelvin.nanos(), 2);
    }

    private static boolean boxed(Measured result) {
        return result.allocated() > OBJECTS && result.allocated() / result.nanos() > BOXED;
    }

    private static String rate(double rate) {
        return rate == 0 ? "" : number(rate, 1);
    }

    private static String ratio(double rate, Double ceiling) {
        return rate == 0 || ceiling == null ? "" : number(rate / ceiling, 2);
    }

    private static String number(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
