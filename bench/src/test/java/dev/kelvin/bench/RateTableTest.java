// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which ceiling a rate is put beside, and how. Times are in nanoseconds, rates in units a nanosecond. */
class RateTableTest {
    private static final Measured FMA = ceiling("fma", 1, 100, 0);
    private static final Measured FMA_OF_TWO = ceiling("fmaOfTwo", 2, 220, 0);
    private static final Measured READ = ceiling("read", 1, 0, 20);
    private static final Measured READ_OF_TWO = ceiling("readOfTwo", 2, 0, 30);

    private static Measured ceiling(String name, int threads, double flops, double bytes) {
        return new Measured("CeilingBenchmark", name, Map.of(), threads, 1e6, flops, bytes, 0, List.of(1e6));
    }

    private static Measured measured(
            String name, Map<String, String> params, int threads, double nanos, double flops, double bytes) {
        Map<String, String> sorted = new LinkedHashMap<>(new TreeMap<>(params));
        return new Measured("SomeBenchmark", name, sorted, threads, nanos, flops, bytes, 16, List.of(nanos, 2 * nanos));
    }

    /** The words of the row of the last result, those of its label first. */
    private static List<String> words(Measured... results) {
        List<String> lines = new RateTable(List.of(results)).lines();
        return List.of(lines.get(results.length).strip().split(" +", -1));
    }

    @Test
    void aRateIsAFractionOfTheCeilingOfAsManyThreads() {
        Map<String, String> params = Map.of("threads", "2");
        assertEquals(
                List.of("product", "threads=2", "1500.00", "110.0", "0.50", "24.0", "0.80", "16", "1500.00", "3000.00"),
                words(FMA, FMA_OF_TWO, READ, READ_OF_TWO, measured("product", params, 2, 1.5e6, 110, 24)));
        assertEquals(
                List.of("product", "threads=1", "1500.00", "90.0", "0.90", "16", "1500.00", "3000.00"),
                words(FMA, FMA_OF_TWO, READ, measured("product", Map.of("threads", "1"), 1, 1.5e6, 90, 0)));
    }

    @Test
    void noFractionIsShownOfACeilingThatWasNotMeasured() {
        assertEquals(
                List.of("product", "threads=4", "1.00", "110.0", "24.0", "16", "1.00", "2.00"),
                words(FMA, FMA_OF_TWO, READ, measured("product", Map.of("threads", "4"), 4, 1000, 110, 24)));
    }

    @Test
    void anOperationStandsBesideWhatMovesTheSameBytesWithTheSameParameters() {
        Map<String, String> other = Map.of("shape", "8 4096", "threads", "1");
        Map<String, String> same = Map.of("shape", "1 4096", "threads", "1");
        assertEquals(
                List.of(
                        "softmax",
                        "shape=1",
                        "4096",
                        "threads=1",
                        "1.00",
                        "20.0",
                        "0.40",
                        "0.80",
                        "16",
                        "1.00",
                        "2.00"),
                words(
                        measured("ceilingCopy", other, 1, 1000, 0, 1000),
                        measured("ceilingCopy", same, 1, 1000, 0, 50),
                        measured("ceilingSoftmax", same, 1, 1000, 0, 25),
                        measured("softmax", same, 1, 1000, 0, 20)));
    }

    @Test
    void aRowWhoseVectorsWereBoxedIsMarkedAndTheMarkExplained() {
        assertEquals(
                List.of("product", "22.00", "16", "22.00"),
                words(new Measured("SomeBenchmark", "product", Map.of(), 1, 22e3, 0, 0, 16, List.of(22e3))));
        Measured boxed = new Measured("SomeBenchmark", "product", Map.of(), 1, 22e3, 0, 0, 534_160, List.of(22e3));
        assertEquals(List.of("product", "22.00", "534160!", "22.00"), words(boxed));
        assertTrue(new RateTable(List.of(boxed)).lines().getLast().startsWith("!: "));
        assertFalse(new RateTable(List.of(FMA)).lines().getLast().startsWith("!: "));
    }

    @Test
    void theRowOfSomebodyElseSaysHowManyTimesAsFastKelvinIs() {
        Measured kelvin = measured("matmul", Map.of("by", "KELVIN", "shape", "8 2 3"), 1, 500, 0, 0);
        Measured elsewhere = measured("matmul", Map.of("by", "KELVIN", "shape", "9 2 3"), 1, 1, 0, 0);
        Measured peer = measured("matmul", Map.of("by", "OPENBLAS", "shape", "8 2 3"), 1, 1000, 0, 0);
        assertEquals(
                List.of("matmul", "by=OPENBLAS", "shape=8", "2", "3", "1.00", "16", "2.00", "1.00", "2.00"),
                words(elsewhere, kelvin, peer));
        assertEquals(
                List.of("matmul", "by=KELVIN", "shape=8", "2", "3", "0.50", "16", "0.50", "1.00"),
                words(elsewhere, peer, kelvin));
    }

    @Test
    void aLineNeedsNoAllocationProfile() {
        Measured silent = new Measured("SomeBenchmark", "add", Map.of(), 1, 1000, 0, 0, Double.NaN, List.of(1000.0));
        assertEquals(List.of("add", "1.00", "1.00"), words(silent));
    }

    @Test
    void theLengthsOfRowsAreThoseOfModels() {
        List<String> rows = List.of("# all", "# edges", "1", "15", "# Model dimensions (D)", "768", "# V", "32000");
        assertEquals(List.of("768", "32000"), Bench.lines(rows));
        assertEquals(List.of("1 2 3", "4 5 6"), Bench.lines(List.of("# M K N", "1 2 3", "4 5 6")));
        assertFalse(Bench.lines(List.of("# M K N", "1 2 3")).contains("# M K N"));
    }
}
