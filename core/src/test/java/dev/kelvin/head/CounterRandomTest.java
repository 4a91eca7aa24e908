// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
    /** The first two words of the known answers for philox4x32-10, from the file {@code kat_vectors} of Random123. */
    @Test
    void knownAnswers() {
        assertEquals(0x6627e8d5e169c58dL, CounterRandom.philox(0, 0, 0, 0, 0, 0));
        assertEquals(0x408f276d41c83b0eL, CounterRandom.philox(-1, -1, -1, -1, -1, -1));
        assertEquals(
                0xd16cfe0994fdccebL,
                CounterRandom.philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0));
    }

    @Test
    void aDrawTakesTheFirst53Bits() {
        long bits = 0x6627e8d5L << 32 | 0xe169c58dL;
        assertEquals((bits >>> 11) * 0x1p-53, CounterRandom.uniform(0, 0, 0));
    }

    /** Each of the words, and each stream, makes another draw; all lie in [0, 1). */
    @Test
    void everyParameterCounts() {
        Set<Double> draws = new HashSet<>();
        long[] numbers = {0, 1, 2, 1L << 32, 1L << 33, -1L >>> 16};
        int count = 0;
        for (long seed : numbers) {
            for (long sequence : numbers) {
                for (long position : numbers) {
                    for (int stream = 0; stream < 3; stream++) {
                        double draw = CounterRandom.uniform(seed, sequence, position, stream);
                        assertTrue(draw >= 0 && draw < 1);
                        draws.add(draw);
                        count++;
                    }
                    assertEquals(
                            CounterRandom.uniform(seed, sequence, position, 0),
                            CounterRandom.uniform(seed, sequence, position));
                }
            }
        }
        assertEquals(count, draws.size());
    }
}
