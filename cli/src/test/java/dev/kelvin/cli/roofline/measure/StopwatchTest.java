// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.cli.roofline.peer.Computation;
import dev.kelvin.cli.roofline.report.ForkTime;
import org.junit.jupiter.api.Test;

class StopwatchTest {
    private static final long MILLI = 1_000_000;
    private static final long MEGA = 1 << 20;

    /**
     * Calls that take the times of a list, in milliseconds, and the last of them from then on; their clock is theirs.
     */
    private static class Calls implements Computation, Stopwatch.Meter {
        private final int[] millis;
        int count;
        private long now = 1;

        Calls(int... millis) {
            this.millis = millis;
        }

        @Override
        public void run() {
            now += MILLI * millis[Math.min(count, millis.length - 1)];
            count++;
        }

        @Override
        public long nanos() {
            return now;
        }

        @Override
        public long processors() {
            return 7 + now / 2; // half of a processor: something else runs
        }

        @Override
        public long compiling() {
            return 0;
        }

        @Override
        public long allocated() {
            return 0;
        }
    }

    @Test
    void codeThatBecomesFasterIsNotTimedBefore() {
        Calls calls = new Calls(40, 30, 22, 16, 12, 9, 6);
        ForkTime time = Stopwatch.ofMillis(3, 3, 0, 1000, 10_000).time(calls, calls);
        assertEquals(new ForkTime(6 * MILLI, 6 * MILLI, 6 * MILLI, 0, 0), time);
        assertEquals(8, calls.count, "two samples of the last kind");
    }

    @Test
    void callsThatGrowSlowerAreNoReasonToWait() {
        Calls calls = new Calls(10, 11, 12, 13, 14, 15, 16);
        ForkTime time = Stopwatch.ofMillis(10, 4, 0, 1000, 10_000).time(calls, calls);
        assertEquals(new ForkTime(11 * MILLI, 10 * MILLI, 12 * MILLI, 0, 0), time);
        assertEquals(3, calls.count, "as many as four windows have room for");
    }

    @Test
    void aSampleHasAsManyCallsAsFitItsWindow() {
        Calls calls = new Calls(1);
        ForkTime time = Stopwatch.ofMillis(20, 5, 60, 1000, 10_000).time(calls, calls);
        assertEquals(MILLI, time.nanos());
        assertEquals(5 * 20, calls.count);
    }

    @Test
    void aCallOfManyWindowsIsASampleByItself() {
        Calls calls = new Calls(900, 400);
        ForkTime time = Stopwatch.ofMillis(20, 5, 60, 1000, 10_000).time(calls, calls);
        assertEquals(1, calls.count);
        assertEquals(900 * MILLI, time.nanos());
        Calls shorter = new Calls(399);
        Stopwatch.ofMillis(20, 5, 60, 1000, 10_000).time(shorter, shorter);
        assertEquals(2, shorter.count);
    }

    @Test
    void warmingTakesAsLongAsItIsTold() {
        Calls calls = new Calls(10);
        Stopwatch.ofMillis(10, 2, 60, 1000, 10_000).time(calls, calls);
        assertEquals(6, calls.count);
    }

    @Test
    void aWindowInWhichCompilersWorkedDoesNotCount() {
        Calls calls = new Calls(30, 10) {
            @Override
            public long compiling() {
                return 2L * Math.min(count, 5); // 2 ms in each of the first five calls
            }
        };
        ForkTime time = Stopwatch.ofMillis(10, 2, 0, 1000, 10_000).time(calls, calls);
        assertEquals(new ForkTime(10 * MILLI, 10 * MILLI, 10 * MILLI, 0, 0), time);
        assertEquals(7, calls.count);
    }

    @Test
    void vectorsThatAreBoxedUntilTheyAreCompiledAreWaitedFor() {
        Calls calls = new Calls(10) {
            @Override
            public long allocated() {
                return MEGA * Math.min(count, 20);
            }
        };
        ForkTime time = Stopwatch.ofMillis(10, 3, 0, 1000, 10_000).time(calls, calls);
        assertFalse(time.boxed(), time.toString());
        assertEquals(23, calls.count);
    }

    @Test
    void whatStaysBoxedIsToldSoAndNotWaitedFor() {
        Calls calls = new Calls(10) {
            @Override
            public long allocated() {
                return MEGA * count;
            }

            @Override
            public long compiling() {
                return 5L * Math.min(count, 4);
            }
        };
        ForkTime time = Stopwatch.ofMillis(10, 3, 0, 100, 60_000).time(calls, calls);
        assertTrue(time.boxed(), time.toString());
        assertEquals(MEGA, time.allocated());
        assertEquals(
                4 + 20 + 3,
                calls.count,
                "200 ms with half of a processor behind the last compilation, and three samples");
    }

    @Test
    void compilersThatNeverRestAreTold() {
        Calls calls = new Calls(10) {
            @Override
            public long compiling() {
                return 4L * count;
            }
        };
        ForkTime time = Stopwatch.ofMillis(10, 3, 0, 100, 200).time(calls, calls);
        assertTrue(time.uncompiled(), time.toString());
        assertEquals(40 + 3, calls.count);
    }

    @Test
    void thisJvmCountsTimeAndBytes() {
        long[][] kept = new long[1][];
        ForkTime time = Stopwatch.ofMillis(5, 3, 1, 100, 5000).time(() -> kept[0] = new long[1 << 14]);
        assertTrue(time.nanos() > 0 && time.low() <= time.nanos() && time.nanos() <= time.high(), time.toString());
        assertEquals(8 << 14, time.allocated(), 1 << 10);
        assertTrue(time.boxed(), time.toString());
    }
}
