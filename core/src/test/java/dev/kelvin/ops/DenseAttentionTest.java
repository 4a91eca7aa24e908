// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.operand.AttentionBias;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.Heads;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Attention over tensors: against double, the same bits whatever computes, and what has no influence. */
class DenseAttentionTest {
    private static final double TOLERANCE = 4e-6;

    private static HeapTensor random(long seed, int... dims) {
        HeapTensor shape = HeapTensor.zeros(dims);
        return HeapTensor.of(FiniteDifferences.gaussian(seed, shape.data().length), dims);
    }

    private static double element(Heads heads, int b, int t, int h, int i) {
        HeapTensor tensor = (HeapTensor) heads.tensor();
        return tensor.data()[tensor.offset() + heads.at(b, t, h) + i];
    }

    /** Written from the formula, key by key. */
    private static double[] naive(DenseAttentionCall c, int b, int t, int h) {
        int kvHead = h / (c.q().heads() / c.k().heads());
        int length = c.keyLengths() == null ? c.k().rows() : c.keyLengths()[b];
        int position = t + (c.positions() == null ? 0 : c.positions()[b]);
        double[] weights = new double[length];
        double sum = c.scores().sinks() == null ? 0 : Math.exp(c.scores().sinks()[h]);
        for (int j = 0; j < length; j++) {
            double score = 0;
            for (int i = 0; i < c.q().dim(); i++) {
                score += element(c.q(), b, t, h, i) * element(c.k(), b, j, kvHead, i);
            }
            score *= c.scale();
            if (c.scores().isCapped()) {
                score = c.scores().softCap() * Math.tanh(score / c.scores().softCap());
            }
            if (c.bias() != null) {
                score += c.bias()
                        .values()
                        .data()[c.bias().at(b, h, t) + j * c.bias().keyStride()];
            }
            boolean seen = position - j <= c.mask().before()
                    && j - position <= c.mask().after();
            weights[j] = seen ? Math.exp(score) : 0;
            sum += weights[j];
        }
        double[] out = new double[c.v().dim()];
        for (int j = 0; j < length; j++) {
            for (int i = 0; i < out.length && weights[j] != 0; i++) {
                out[i] += weights[j] / sum * element(c.v(), b, j, kvHead, i);
            }
        }
        return out;
    }

    private static void check(String what, DenseAttentionCall call) {
        HeapTensor expected = null;
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor out = HeapTensor.zeros(call.out().tensor().shape().dims());
            Arrays.fill(out.data(), 99);
            Heads o = call.out();
            Heads place = new Heads(
                    out,
                    o.offset(),
                    o.sequences(),
                    o.rows(),
                    o.heads(),
                    o.dim(),
                    o.sequenceStride(),
                    o.rowStride(),
                    o.headStride());
            point.compute().attention().attend(with(call, place));
            if (expected == null) {
                expected = out;
                compare(what, with(call, place));
            } else {
                int at = Arrays.mismatch(expected.data(), out.data());
                assertEquals(-1, at, () -> what + " at " + point);
            }
        }
    }

    private static DenseAttentionCall with(DenseAttentionCall c, Heads out) {
        return new DenseAttentionCall(
                c.q(), c.k(), c.v(), out, c.scale(), c.mask(), c.scores(), c.bias(), c.keyLengths(), c.positions());
    }

    private static void compare(String what, DenseAttentionCall call) {
        for (int b = 0; b < call.q().sequences(); b++) {
            for (int t = 0; t < call.q().rows(); t++) {
                for (int h = 0; h < call.q().heads(); h++) {
                    double[] exact = naive(call, b, t, h);
                    for (int i = 0; i < exact.length; i++) {
                        String at = what + ", sequence " + b + ", row " + t + ", head " + h + ", element " + i;
                        assertEquals(
                                exact[i], element(call.out(), b, t, h, i), TOLERANCE * (1 + Math.abs(exact[i])), at);
                    }
                }
            }
        }
    }

    private static DenseAttentionCall call(int rows, int keys) {
        return DenseAttentionCall.of(
                Heads.inRows(random(1, 2, rows, 4 * 6), 2, 4),
                Heads.inRows(random(2, 2, keys, 2 * 6), 2, 2),
                Heads.inRows(random(3, 2, keys, 2 * 5), 2, 2),
                Heads.inRows(HeapTensor.zeros(2, rows, 4 * 5), 2, 4));
    }

    @Test
    void whatAQuerySees() {
        for (int rows : new int[] {1, 5, 33, 70}) {
            for (int keys : new int[] {1, 7, 75}) {
                DenseAttentionCall call = call(rows, keys);
                check("full " + rows + " " + keys, call);
                check(
                        "causal " + rows + " " + keys,
                        call.withMask(AttentionMask.causal()).withScale(0.7f));
                check("window", call.withMask(AttentionMask.window(3)).withPositions(2, 0));
                check("sides", call.withMask(new AttentionMask(2, 1)).withPositions(-3, 4));
                check(
                        "lengths",
                        call.withMask(AttentionMask.causal())
                                .withKeyLengths(keys, keys / 2)
                                .withPositions(0, 3));
                check("capped", call.withScores(AttentionScores.softCapped(0.5f)));
                check("sinks", call.withScores(AttentionScores.withSinks(new float[] {0, 1, -2, 3})));
            }
        }
    }

    @Test
    void biasesAreRepeated() {
        DenseAttentionCall call = call(9, 11).withScores(new AttentionScores(2, new float[] {0, 1, -2, 3}));
        int[][] shapes = {
            {11}, {1}, {9, 11}, {9, 1}, {1, 13}, {4, 9, 11}, {4, 1, 11}, {2, 1, 9, 11}, {2, 4, 9, 12}, {1, 1, 1, 11}
        };
        for (int[] dims : shapes) {
            check("bias " + Arrays.toString(dims), call.withBias(AttentionBias.of(random(7, dims))));
            boolean[] seen = new boolean[HeapTensor.zeros(dims).data().length];
            for (int i = 0; i < seen.length; i++) {
                seen[i] = i % 3 != 1;
            }
            DenseAttentionCall masked = call.withBias(AttentionBias.mask(seen, dims));
            check(
                    "mask " + Arrays.toString(dims),
                    masked.withMask(AttentionMask.causal()).withPositions(2, 1));
        }
    }

    @Test
    void oneBufferAndOtherLayouts() {
        HeapTensor buffer = random(5, 2, 10, 4 * 6 + 2 * 6 + 2 * 6); // queries, keys and values of a row side by side
        Heads q = new Heads(buffer, 0, 2, 10, 4, 6, 480, 48, 6);
        Heads k = new Heads(buffer, 24, 2, 10, 2, 6, 480, 48, 6);
        Heads v = new Heads(buffer, 36, 2, 10, 2, 6, 480, 48, 6);
        Heads out = Heads.inHeads(HeapTensor.zeros(2, 4, 10, 6));
        check("one buffer", DenseAttentionCall.of(q, k, v, out).withMask(AttentionMask.causal()));
        assertThrows(IllegalArgumentException.class, () -> new Heads(buffer, 37, 2, 10, 2, 6, 480, 48, 6));
    }

    /** Values of F16 off the heap. */
    private static MappedTensor half(Arena arena, HeapTensor x) {
        MemorySegment segment = arena.allocate(2L * x.data().length, 64);
        for (int i = 0; i < x.data().length; i++) {
            segment.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(x.data()[i]));
        }
        return new MappedTensor(DType.F16, Shape.of(x.shape().dims()), segment);
    }

    @Test
    void keysAndValuesOfHalfPrecision() {
        try (Arena arena = Arena.ofShared()) {
            MappedTensor k = half(arena, random(2, 2, 40, 2 * 6));
            MappedTensor v = half(arena, random(3, 2, 40, 2 * 5));
            HeapTensor out = HeapTensor.zeros(2, 20, 4 * 5);
            HeapTensor same = HeapTensor.zeros(2, 20, 4 * 5);
            Heads q = Heads.inRows(random(1, 2, 20, 4 * 6), 2, 4);
            Attention attention = ComputeGrid.fastest().attention();
            attention.attend(
                    DenseAttentionCall.of(q, Heads.inRows(k, 2, 2), Heads.inRows(v, 2, 2), Heads.inRows(out, 2, 4)));
            attention.attend(DenseAttentionCall.of(
                    q, Heads.inRows(k.toHeap(), 2, 2), Heads.inRows(v.toHeap(), 2, 2), Heads.inRows(same, 2, 4)));
            assertEquals(-1, Arrays.mismatch(same.data(), out.data()));
        }
    }

    @Test
    void whatIsHiddenHasNoInfluence() {
        DenseAttentionCall call = call(40, 40).withMask(AttentionMask.causal());
        boolean[] seen = new boolean[40];
        Arrays.fill(seen, true);
        seen[7] = false;
        DenseAttentionCall masked = call.withBias(AttentionBias.mask(seen, 40));
        hidden(call, 30, 30); // rows before 30 do not see key 30
        hidden(masked, 7, 40); // nobody sees key 7
    }

    private static void hidden(DenseAttentionCall call, int key, int rows) {
        ComputeGrid.fastest().attention().attend(call);
        float[] before = ((HeapTensor) call.out().tensor()).data().clone();
        float[] keys = ((HeapTensor) call.k().tensor()).data();
        float[] values = ((HeapTensor) call.v().tensor()).data();
        float oldKey = keys[call.k().at(0, key, 0)];
        float oldValue = values[call.v().at(0, key, 0)];
        keys[call.k().at(0, key, 0)] = Float.NaN;
        values[call.v().at(0, key, 0)] = Float.POSITIVE_INFINITY;
        ComputeGrid.fastest().attention().attend(call);
        float[] after = ((HeapTensor) call.out().tensor()).data();
        assertEquals(-1, Arrays.mismatch(before, 0, rows * 20, after, 0, rows * 20));
        assertTrue(rows == 40 || Float.isNaN(after[35 * 20]), "who sees the key has NaN");
        keys[call.k().at(0, key, 0)] = oldKey;
        values[call.v().at(0, key, 0)] = oldValue;
    }

    @Test
    void aRowHasTheSameBitsInAnyCompany() {
        DenseAttentionCall all = call(70, 70).withMask(AttentionMask.causal());
        ComputeGrid.fastest().attention().attend(all);
        float[] out = ((HeapTensor) all.out().tensor()).data();
        Heads q = all.q();
        for (int t : new int[] {0, 31, 32, 69}) {
            HeapTensor row = HeapTensor.zeros(2, 1, 20);
            Heads one =
                    new Heads(q.tensor(), q.at(0, t, 0), 2, 1, 4, 6, q.sequenceStride(), q.rowStride(), q.headStride());
            DenseAttentionCall alone = DenseAttentionCall.of(one, all.k(), all.v(), Heads.inRows(row, 2, 4))
                    .withMask(AttentionMask.causal())
                    .withPositions(t, t);
            ComputeGrid.fastest().attention().attend(alone);
            assertEquals(-1, Arrays.mismatch(out, t * 20, t * 20 + 20, row.data(), 0, 20), "row " + t);
        }
    }

    @Test
    void whatDoesNotFitIsRefused() {
        DenseAttentionCall call = call(9, 11);
        refuses("sinks must be one a head", call.withScores(AttentionScores.withSinks(new float[3])));
        refuses("bias [9, 10]", call.withBias(AttentionBias.of(HeapTensor.zeros(9, 10))));
        refuses("bias [3, 1, 11]", call.withBias(AttentionBias.of(HeapTensor.zeros(3, 1, 11))));
        refuses("keyLengths[1] is 12", call.withKeyLengths(3, 12));
        refuses("one a sequence", call.withPositions(3));
        refuses("scale", call.withScale(Float.NaN));
        refuses("as many elements a head", with(call, Heads.inRows(HeapTensor.zeros(2, 9, 24), 2, 4)));
        Heads heads = Heads.inRows(HeapTensor.zeros(2, 9, 24), 2, 4);
        refuses("must not overlap", DenseAttentionCall.of(heads, heads, heads, heads));
        assertThrows(IllegalArgumentException.class, () -> Heads.inRows(HeapTensor.zeros(3, 8), 2, 4));
        assertThrows(IllegalArgumentException.class, () -> AttentionBias.of(HeapTensor.zeros(1, 1, 1, 1, 2)));
    }

    private static void refuses(String part, DenseAttentionCall call) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> ComputeGrid.reference().attention().attend(call))
                .getMessage();
        assertTrue(message.startsWith("attention: ") && message.contains(part), message);
    }
}
