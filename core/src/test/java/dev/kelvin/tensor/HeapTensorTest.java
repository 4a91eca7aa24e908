// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The largest tensors; those without elements have any extent at no cost. */
class HeapTensorTest {
    private static final int MOST = HeapTensor.MAX_ELEMENTS;

    private static void refuses(String shape, int... dims) {
        String message = "tensor: shape " + shape
                + " from offset 0 goes beyond the 2147418112 elements that a tensor on" + " the heap may have";
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> HeapTensor.zeros(dims))
                        .getMessage());
    }

    @Test
    void beyondWhatLoopsCount() {
        refuses("[2147483647]", Integer.MAX_VALUE);
        refuses("[2147479553]", 2147479553);
        refuses("[2147418113]", MOST + 1);
        refuses("[65536, 65536]", 65536, 65536);
        refuses("[2, 1073741823]", 2, 1073741823);
        refuses("[0, 2147483647]", 0, Integer.MAX_VALUE);
        refuses("[2147483647, 0]", Integer.MAX_VALUE, 0);
        assertThrows(IllegalArgumentException.class, () -> HeapTensor.view(new float[0], 0, 0, MOST + 1));
    }

    @Test
    void upToIt() {
        assertEquals(MOST, HeapTensor.zeros(0, MOST).columns());
        assertEquals(MOST, HeapTensor.view(new float[1], 1, MOST, 0).rows());
    }
}
