// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoofTest {
    private final Report report = CannedReport.report(1);
    private final Roof roof = new Roof(report);

    private static Result result(double operations, double bytes, long workingSet, int threads) {
        return new Result(
                new Subject(Subject.KELVIN, "f", "n", "1", "F32", threads),
                new Cost(operations, bytes, workingSet, Resource.FMA, Resource.READ),
                "",
                List.of(),
                List.of(new ForkTime(100, 90, 110, 0, 0)),
                "");
    }

    @Test
    void theLevelIsTheSmallestThatHoldsTheWorkingSet() {
        assertEquals("L1", roof.level(32 << 10, 1));
        assertEquals("L2", roof.level((32 << 10) + 1, 1));
        assertEquals("L1", roof.level(64 << 10, 2), "two threads have two first-level caches");
        assertEquals("L3", roof.level(32 << 20, 1));
        assertEquals("memory", roof.level((32 << 20) + 1, 2), "which two threads share the third of");
    }

    @Test
    void theSlowerOfArithmeticAndBytesBinds() {
        // 100 GFLOP/s and 25 GB/s of memory: they meet at 4 operations a byte.
        Roof.Limit bytes = roof.limit(result(399, 100, 1L << 30, 1)).orElseThrow();
        assertEquals("memory read", bytes.ceiling().title());
        assertEquals(4, bytes.nanos(), 1e-9);
        assertEquals(0.04, bytes.reached(result(399, 100, 1L << 30, 1)), 1e-9);
        Roof.Limit arithmetic = roof.limit(result(401, 100, 1L << 30, 1)).orElseThrow();
        assertEquals("f32 multiply-add 256 bits", arithmetic.ceiling().title());
        assertEquals(4.01, arithmetic.nanos(), 1e-9);
    }

    @Test
    void withoutCeilingsOfAsManyThreadsNothingBinds() {
        assertTrue(roof.limit(result(1, 1, 1, 3)).isEmpty());
    }

    @Test
    void aDifferenceExceedsFiveInAHundredAndIntervalsDoNotMeet() {
        assertEquals(Difference.Verdict.FASTER, difference(100, 1, 94, 1));
        assertEquals(Difference.Verdict.SLOWER, difference(94, 1, 100, 1));
        assertEquals(Difference.Verdict.SAME, difference(100, 1, 96, 1), "4 %");
        assertEquals(Difference.Verdict.SAME, difference(100, 5, 91, 5), "intervals meet");
        assertEquals("1.06", new Difference(timed(100, 1), timed(94, 1)).text());
        assertEquals("(1.04)", new Difference(timed(100, 1), timed(96, 1)).text());
    }

    private static Difference.Verdict difference(double before, double spread, double after, double otherSpread) {
        return new Difference(timed(before, spread), timed(after, otherSpread)).verdict();
    }

    private static Result timed(double nanos, double spread) {
        return new Result(
                new Subject(Subject.KELVIN, "f", "n", "1", "F32", 1),
                new Cost(1, 1, 1, Resource.FMA, Resource.READ),
                "",
                List.of(),
                List.of(new ForkTime(nanos, nanos - spread, nanos + spread, 0, 0)),
                "");
    }

    @Test
    void boxedAndUncompiledJvmsAreMarked() {
        Result rope = report.results().stream()
                .filter(result -> result.subject().name().equals("RoPE"))
                .findFirst()
                .orElseThrow();
        assertEquals(List.of("boxed in 1 of 1 JVMs"), rope.marks());
        assertTrue(rope.doubtful());
        assertFalse(new ForkTime(1e6, 1e6, 1e6, 4000, 0).boxed(), "the objects of a call");
        assertFalse(new ForkTime(1e9, 1e9, 1e9, 8000, 0).boxed(), "little for its time");
        assertTrue(new ForkTime(10, 10, 10, 0, 0.5).uncompiled());
    }

    @Test
    void theNoiseIsThatOfLoopsOfFixedCycles() {
        assertEquals(Noise.Verdict.QUIET, report.noise().verdict());
        assertEquals(3000 / 1001.0, report.noise().clock(), 1e-9);
        assertEquals(Noise.Verdict.NOISY, new Noise(new double[] {10, 10, 10, 12, 12}, 1, 0).verdict());
        assertEquals(Noise.Verdict.RESTLESS, new Noise(new double[] {100, 100, 104, 104}, 1, 0).verdict());
        assertEquals(Noise.Verdict.NOISY, new Noise(new double[] {10, 10}, 1, 0.2).verdict(), "stolen time");
    }

    @Test
    void ceilingsOfSeveralJvmsAreOne() {
        Ceiling slow = new Ceiling(Resource.FMA, Ceiling.REGISTERS, 256, 1, List.of(60.0), 2.4);
        Ceiling fast = new Ceiling(Resource.FMA, Ceiling.REGISTERS, 256, 1, List.of(80.0), 3.2);
        Ceiling both = slow.with(fast);
        assertEquals(List.of(60.0, 80.0), both.forks());
        assertEquals(80, both.rate());
        assertEquals(0.25, both.spread());
        assertEquals(0, slow.spread());
        assertEquals(3.2, both.clock());
        Ceiling unknown = new Ceiling(Resource.FMA, Ceiling.REGISTERS, 256, 1, List.of(70.0), Double.NaN);
        assertEquals(2.4, slow.with(unknown).clock());
        assertEquals(2.4, unknown.with(slow).clock());
    }

    @Test
    void memoryAllowsItsRateByTheBytesOfTheWeights() {
        TokenRates rates = new TokenRates(report);
        // 50 GB/s on two threads; 1.1·10⁹ weights of 34 bytes in 32.
        assertEquals(50 / (1.1 * 34 / 32), rates.allowed(DType.Q8_0, 1.1).orElseThrow(), 1e-9);
        assertTrue(rates.allowed(DType.Q8_0, 14).isEmpty(), "8 GiB do not hold them");
        assertEquals(0.89, rates.reached(DType.Q8_0).orElseThrow(), 0.01);
    }
}
