// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Refusals of what works on keys and values in pages. */
class KeysAndValuesShapesTest {
    private static final Compute COMPUTE = Compute.serial();
    private static final KvSlice SLICE = KvSlice.at(2, 4, 4, 0);

    @AfterAll
    static void close() {
        COMPUTE.close();
    }

    private static HeapTensor zeros(int... dims) {
        return HeapTensor.zeros(dims);
    }

    private static void refuses(String message, Executable operation) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, operation).getMessage());
    }

    private static KvRows rows(int position, int rows, KvPage... pages) {
        return KvRows.of(position, rows, pages, SLICE);
    }

    private static KvPage page() {
        return KvPage.of(DType.F32, SLICE.end());
    }

    private static Executable attention(HeapTensor q, KvRows rows, HeapTensor out, int heads, float[] sinks) {
        return () -> COMPUTE.attention()
                .attend(new AttentionCall(
                        q, rows, out, heads, 1, AttentionMask.window(65), AttentionScores.withSinks(sinks)));
    }

    @Test
    void attention() {
        KvRows rows = rows(3, 2, page());
        HeapTensor q = zeros(2, 16);
        refuses(
                "attention: heads must be a multiple of kvHeads, got 3 and 2",
                attention(q, rows, zeros(2, 16), 3, null));
        refuses(
                "attention: q [3, 16] must be [2 rows of the spans, 4 heads x keyDim 4]",
                attention(zeros(3, 16), rows, zeros(2, 16), 4, null));
        refuses(
                "attention: out [2, 8] must be [2 rows of the spans, 4 heads x valueDim 4]",
                attention(q, rows, zeros(2, 8), 4, null));
        refuses(
                "attention: sinks must be one a head, got 3 for 4 heads",
                attention(q, rows, zeros(2, 16), 4, new float[3]));
        refuses(
                "attention: out [2, 16] at offset 0 must not overlap q [2, 16] at offset 0 of the same array",
                attention(q, rows, q, 4, null));
        F32KvPage page = (F32KvPage) page();
        HeapTensor inPage = HeapTensor.view(page.elements(), 0, 2, 16);
        refuses(
                "attention: out [2, 16] must not lie in a page of span 0",
                attention(q, rows(3, 2, page), inPage, 4, null));
    }

    @Test
    void pages() {
        HeapTensor q = zeros(2, 16);
        HeapTensor out = zeros(2, 16);
        refuses(
                "attention: span 0 has no page for the positions from 64 on",
                attention(q, rows(63, 2, page()), out, 4, null));
        refuses(
                "attention: span 0 has no page for the positions from 0 on",
                attention(q, rows(64, 2, null, page()), out, 4, null));
        // The row at 128 sees the last 65 positions.
        assertDoesNotThrow(attention(q, rows(128, 2, null, page(), page()), out, 4, null));
        refuses(
                "attention: page 0 of span 0 has 1023 elements, where KvSlice[kvHeads=2, keyDim=4, valueDim=4,"
                        + " keysOffset=0, valuesOffset=512] needs 1024",
                attention(q, rows(3, 2, KvPage.of(DType.F32, 1023)), out, 4, null));
        refuses(
                "attention: Q8_0 keeps keys and values whose heads are multiples of 32, not those of " + SLICE,
                attention(q, rows(3, 2, KvPage.of(DType.Q8_0, 1024)), out, 4, null));
    }

    @Test
    void store() {
        HeapTensor k = zeros(2, 8);
        refuses(
                "storeKeysAndValues: v [2, 9] must be [2 rows of the spans, 2 heads x valueDim 4]",
                () -> COMPUTE.attention().storeKeysAndValues(k, zeros(2, 9), rows(3, 2, page())));
        refuses("storeKeysAndValues: span 0 has no page for the positions from 64 on", () -> COMPUTE.attention()
                .storeKeysAndValues(k, k, rows(63, 2, page())));
        COMPUTE.attention().storeKeysAndValues(k, k, rows(64, 2, null, page()));
    }

    @Test
    void values() {
        refuses("attention: the soft cap must be positive, got 0.0", () -> AttentionScores.softCapped(0));
        refuses("attention: the soft cap must be positive, got NaN", () -> AttentionScores.softCapped(Float.NaN));
        refuses("attention: a mask of -1 positions before and 0 behind a query", () -> AttentionMask.window(0));
        refuses("KvPage: keys and values are kept in F32, F16 or Q8_0, not Q4_0", () -> KvPage.of(DType.Q4_0, 64));
    }
}
