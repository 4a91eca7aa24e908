// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionBias;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.Heads;
import dev.kelvin.operand.LossOptions;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.Routing;
import dev.kelvin.operand.Similarity;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The rows of the table in the page of this package: what becomes of NaN, infinities, subnormal numbers and −0. */
class SpecialResultsTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final int D = 40;

    private final Compute compute = ComputeGrid.fastest();

    private static HeapTensor ones(int rows) {
        HeapTensor tensor = HeapTensor.zeros(rows, D);
        Arrays.fill(tensor.data(), 1);
        return tensor;
    }

    /** Rows of ones, one of which has a special number. */
    private static HeapTensor with(int rows, int row, float special) {
        HeapTensor tensor = ones(rows);
        tensor.data()[row * D + 17] = special;
        return tensor;
    }

    @Test
    void productsKeepThemToTheirRowAndColumn() {
        HeapTensor y = HeapTensor.zeros(3, 4);
        compute.matmul(with(3, 1, NAN), ones(4), y);
        for (int i = 0; i < 12; i++) {
            assertEquals(i / 4 == 1, Float.isNaN(y.data()[i]), "row of x, element " + i);
        }
        compute.matmul(ones(3), with(4, 2, INF), y);
        for (int i = 0; i < 12; i++) {
            assertEquals(i % 4 == 2 ? INF : D, y.data()[i], "row of w, element " + i);
        }
        HeapTensor zeros = HeapTensor.zeros(1, D);
        HeapTensor one = HeapTensor.zeros(1, 1);
        compute.matmul(zeros, with(1, 0, INF), one);
        assertTrue(Float.isNaN(one.data()[0]), "0·∞");
        Arrays.fill(zeros.data(), -0f);
        compute.matmul(zeros, ones(1), one);
        assertEquals(0, Float.floatToRawIntBits(one.data()[0]), "a sum begins at +0");
        zeros.data()[3] = Float.MIN_VALUE;
        compute.matmul(zeros, ones(1), one);
        assertEquals(Float.MIN_VALUE, one.data()[0], "nothing is flushed");
    }

    @Test
    void functionsKeepNaNAndFlushNothing() {
        HeapTensor x = HeapTensor.of(new float[] {NAN, Float.MIN_VALUE}, 2);
        HeapTensor y = HeapTensor.zeros(2);
        for (Activation f : Activation.values()) {
            compute.elements().activate(f, x, y);
            assertTrue(Float.isNaN(y.data()[0]), f.toString());
        }
        for (Activation f : new Activation[] {Activation.RELU, Activation.ABS, Activation.EXPM1, Activation.TANH}) {
            compute.elements().activate(f, x, y);
            assertEquals(Float.MIN_VALUE, y.data()[1], f.toString());
        }
    }

    @Test
    void theSmallerAndTheLargerAreNaNIfEitherIs() {
        HeapTensor a = HeapTensor.of(new float[] {NAN, 1, -0f, 0f}, 4);
        HeapTensor b = HeapTensor.of(new float[] {1, NAN, 0f, -0f}, 4);
        HeapTensor y = HeapTensor.zeros(4);
        compute.elements().min(a, b, y);
        assertEquals("[NaN, NaN, -0.0, -0.0]", Arrays.toString(y.data()));
        compute.elements().max(a, b, y);
        assertEquals("[NaN, NaN, 0.0, 0.0]", Arrays.toString(y.data()));
    }

    @Test
    void normsAndSumsKeepThemToTheirRow() {
        for (float special : new float[] {NAN, INF}) {
            HeapTensor y = HeapTensor.zeros(3, D);
            HeapTensor expected = HeapTensor.zeros(3, D);
            compute.rows().rmsNorm(with(3, 1, special), 1e-5f, y);
            compute.rows().rmsNorm(ones(3), 1e-5f, expected);
            for (int i = 0; i < 3 * D; i++) {
                assertTrue(i / D == 1 || y.data()[i] == expected.data()[i], special + " at " + i);
            }
            HeapTensor sums = HeapTensor.zeros(3);
            compute.rows().sum(with(3, 1, special), sums);
            assertEquals("[40.0, " + special + ", 40.0]", Arrays.toString(sums.data()));
        }
    }

    @Test
    void ofOrderedNumbersNaNIsTheLargest() {
        HeapTensor x = HeapTensor.of(new float[] {0f, INF, NAN, -0f}, 1, 4);
        int[] index = new int[1];
        compute.rows().argmax(x, false, index);
        assertEquals(2, index[0]);
        compute.rows().argmin(x, false, index);
        assertEquals(2, index[0], "and the smallest: it is what a search must not miss");
        int[] best = new int[3];
        compute.rows().topK(x, 3, true, HeapTensor.zeros(1, 3), best);
        assertEquals("[2, 1, 0]", Arrays.toString(best), "−0 as +0: the lower index first");
    }

    /** Nothing of a refused row is written, and all others are. */
    @Test
    void probabilitiesOfARowThatHasNoneAreRefused() {
        for (float special : new float[] {NAN, INF}) {
            HeapTensor probs = HeapTensor.zeros(3, D);
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> compute.softmax(with(3, 1, special), 1, probs));
            assertTrue(refusal.getMessage().contains("row 1"), refusal.getMessage());
            assertEquals(0, probs.data()[D + 3]);
            assertEquals(1f / D, probs.data()[2 * D + 3], 1e-8);
            assertThrows(IllegalArgumentException.class, () -> compute.logits()
                    .pick(with(1, 0, special), new float[] {1}, new double[] {0.5}, TokenPicks.of(1)));
            assertThrows(IllegalArgumentException.class, () -> compute.experts()
                    .route(with(1, 0, special), Routing.normalised(2), new ExpertChoice()));
        }
        HeapTensor probs = HeapTensor.zeros(1, D);
        compute.softmax(with(1, 0, -INF), 1, probs);
        assertEquals(0, probs.data()[17], "a mask");
    }

    @Test
    void aLossOfClassesIsNaN() {
        HeapTensor losses = HeapTensor.zeros(3);
        compute.losses().crossEntropy(with(3, 1, NAN), new int[] {0, 0, 0}, LossOptions.DEFAULT, losses);
        assertTrue(Float.isNaN(losses.data()[1]) && losses.data()[0] > 0 && losses.data()[2] > 0);
    }

    @Test
    void aHiddenKeyHasNoInfluence() {
        Heads q = Heads.inRows(ones(1), 1, 1);
        Heads keys = Heads.inRows(with(3, 1, NAN), 1, 1);
        HeapTensor out = HeapTensor.zeros(1, D);
        DenseAttentionCall call = DenseAttentionCall.of(q, keys, keys, Heads.inRows(out, 1, 1));
        compute.attention().attend(call);
        assertTrue(Float.isNaN(out.data()[17]));
        compute.attention().attend(call.withBias(AttentionBias.mask(new boolean[] {true, false, true}, 1, 1, 1, 3)));
        for (float number : out.data()) {
            assertEquals(1, number);
        }
    }

    @Test
    void aRowWhoseScoreIsNaNIsNoNeighbour() {
        Neighbours found = Neighbours.of(3);
        compute.search().nearest(Similarity.DOT, ones(1).data(), Matrix.of(with(3, 1, NAN)), found);
        assertEquals(2, found.count());
        assertEquals(2, found.row(0) + found.row(1));
    }

    @Test
    void weightsThatCannotBeCodedAreTold() {
        MemorySegment numbers = Arena.ofAuto().allocate(4L * 2 * 256);
        numbers.setAtIndex(ValueLayout.JAVA_FLOAT, 300, NAN);
        MappedTensor from = new MappedTensor(DType.F32, Shape.of(2, 256), numbers);
        assertEquals(300, compute.weights().encode(from, 0, 2, DType.Q8_0, new byte[1000]));
        MemorySegment codes = Arena.ofAuto().allocate(DType.Q4_0.byteSize(64 * 256));
        codes.set(ValueLayout.JAVA_SHORT, 0, (short) 0x7e00);
        MappedTensor scaled = new MappedTensor(DType.Q4_0, Shape.of(64, 256), codes);
        assertSame(scaled, compute.weights().pack(scaled, Arena.ofAuto()), "a scale that is NaN is not packed");
    }
}
