// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is stored is read back where it belongs, in each storage, with nothing else changed. */
class KvPageTest {
    private static final KvSlice SLICE = KvSlice.at(2, 64, 32, 96);

    private static float[] gaussian(int seed, int length) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** What the weight type makes of numbers. */
    private static float[] rounded(DType type, float[] values, int offset, int count) {
        byte[] bytes = new byte[Math.toIntExact(type.byteSize(count))];
        float[] decoded = new float[count];
        type.format().encode(values, offset, bytes, 0, count);
        type.format().decode(bytes, 0, decoded, 0, count);
        return decoded;
    }

    @Test
    void keepsKeysAndValuesAsTheTypeRoundsThem() {
        float[] keys = gaussian(1, 2 * 64 * 64);
        float[] values = gaussian(2, 64 * 2 * 32);
        for (DType type : new DType[] {DType.F32, DType.F16, DType.Q8_0}) {
            KvPage page = KvPage.of(type, SLICE.end() + 32);
            byte[] scratch = new byte[KvPage.SCRATCH_BYTES];
            for (int place = 63; place >= 0; place--) {
                for (int h = 0; h < 2; h++) {
                    page.storeKey(keys, (place * 2 + h) * 64, 64, SLICE.keys(h), place, scratch);
                    page.storeValue(values, (place * 2 + h) * 32, 32, SLICE.values(h), place, scratch);
                }
            }
            KvPage copy = KvPage.of(type, page.size());
            copy.copyFrom(page);
            float[] block = new float[64 * 64];
            for (int h = 0; h < 2; h++) {
                copy.decodeKeys(SLICE.keys(h), 64, block);
                for (int place = 0; place < 64; place++) {
                    float[] expected = rounded(type, keys, (place * 2 + h) * 64, 64);
                    for (int i = 0; i < 64; i++) {
                        assertEquals(expected[i], block[i * 64 + place], type + " key " + place + ", element " + i);
                    }
                }
                copy.decodeValues(SLICE.values(h), 32, block);
                for (int place = 0; place < 64; place++) {
                    float[] expected = rounded(type, values, (place * 2 + h) * 32, 32);
                    for (int i = 0; i < 32; i++) {
                        assertEquals(expected[i], block[place * 32 + i], type + " value " + place + ", element " + i);
                    }
                }
            }
        }
    }

    @Test
    void spansKnowTheirRows() {
        RowSpans spans = new RowSpans();
        int[] lengths = {1, 5, 2, 1, 1, 70};
        for (int i = 0; i < lengths.length; i++) {
            spans.add(10 * i, lengths[i]);
        }
        assertEquals(80, spans.rows());
        for (int s = 0; s < lengths.length; s++) {
            assertEquals(lengths[s], spans.rows(s));
            assertEquals(10 * s + lengths[s], spans.end(s));
            for (int row = spans.rowBegin(s); row < spans.rowEnd(s); row++) {
                assertEquals(s, spans.of(row));
            }
        }
        spans.clear();
        assertEquals(0, spans.rows());
    }
}
