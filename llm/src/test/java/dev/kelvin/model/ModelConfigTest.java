// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ModelConfigTest {
    private static void refused(String field, Object... v) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> new ModelConfig(
                        (int) v[0],
                        (int) v[1],
                        (int) v[2],
                        (int) v[3],
                        (int) v[4],
                        (int) v[5],
                        (int) v[6],
                        (int) v[7],
                        (float) v[8],
                        (float) v[9],
                        (int) v[10]));
        assertTrue(e.getMessage().contains(field), e.getMessage());
    }

    @Test
    void eachSizeMustBePositiveAndIsNamed() {
        String[] fields = {"dim", "ffnDim", "heads", "kvHeads", "headDim", "layers", "vocabSize", "contextLength"};
        for (int i = 0; i < fields.length; i++) {
            for (int bad : new int[] {0, -1, Integer.MIN_VALUE}) {
                Object[] values = {12, 8, 4, 2, 6, 1, 9, 16, 1e-5f, 1e4f, 6};
                values[i] = bad;
                refused(fields[i] + " must be positive, but is " + bad, values);
            }
        }
    }

    @Test
    void realNumbersMustBePositiveAndFinite() {
        for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refused("rmsEpsilon", 12, 8, 4, 2, 6, 1, 9, 16, bad, 1e4f, 6);
            refused("ropeBase", 12, 8, 4, 2, 6, 1, 9, 16, 1e-5f, bad, 6);
        }
    }

    @Test
    void sizesMustFitTogether() {
        refused("multiple of kvHeads", 12, 8, 4, 3, 6, 1, 9, 16, 1e-5f, 1e4f, 6);
        refused("heads * headDim", 12, 8, 65536, 2, 65536, 1, 9, 16, 1e-5f, 1e4f, 6);
        refused("ropeDims", 12, 8, 4, 2, 6, 1, 9, 16, 1e-5f, 1e4f, 5);
        refused("ropeDims", 12, 8, 4, 2, 6, 1, 9, 16, 1e-5f, 1e4f, 8);
        refused("ropeDims", 12, 8, 4, 2, 6, 1, 9, 16, 1e-5f, 1e4f, 0);
    }

    @Test
    void headsNeedNotFillTheWidth() {
        assertEquals(6, new ModelConfig(12, 8, 4, 2, 6, 1, 9, 16, 1e-5f, 1e4f, 4).headDim());
    }
}
