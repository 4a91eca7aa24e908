// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Batch.Wanted;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.LayerMemory.KeysAndValues;
import dev.kelvin.nn.Sequence;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;

/**
 * Sequences that grow together in batches, fork and are cut in any order remember what each would remember alone: the
 * attention of every row has the bits of a sequence that nobody shares anything with.
 */
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class SequenceProperties {
    private static final int HEADS = 2;
    private static final int DIM = 32;
    private static final int WINDOW = 70;
    private static final int MOST = 5;
    private static final List<KeysAndValues> SLOTS =
            List.of(KeysAndValues.of(1, DIM), new KeysAndValues(1, DIM, DIM, WINDOW));
    private static final List<AttentionMask> MASKS = List.of(AttentionMask.causal(), AttentionMask.window(WINDOW));

    /** A sequence and the tokens it should have seen. */
    private record Told(Sequence sequence, List<Integer> tokens) {}

    /** Numbers of a token at a position, in one of three parts. */
    private static void fill(float[] to, int offset, int count, int token, int position, int part) {
        SplittableRandom random = new SplittableRandom(token * 31L + position * 7919L + part * 104729L);
        for (int i = 0; i < count; i++) {
            to[offset + i] = (float) random.nextDouble(-1, 1);
        }
    }

    /** One pass: both layers' outputs, [layers][rows, HEADS·DIM]. */
    private static float[][] pass(Compute compute, Batch batch) {
        int rows = batch.rows();
        HeapTensor q = HeapTensor.zeros(rows, HEADS * DIM);
        HeapTensor k = HeapTensor.zeros(rows, DIM);
        HeapTensor v = HeapTensor.zeros(rows, DIM);
        for (int row = 0; row < rows; row++) {
            fill(q.data(), row * HEADS * DIM, HEADS * DIM, batch.id(row), batch.position(row), 0);
            fill(k.data(), row * DIM, DIM, batch.id(row), batch.position(row), 1);
            fill(v.data(), row * DIM, DIM, batch.id(row), batch.position(row), 2);
        }
        batch.begin();
        float[][] outs = new float[SLOTS.size()][];
        for (int slot = 0; slot < outs.length; slot++) {
            HeapTensor out = HeapTensor.zeros(rows, HEADS * DIM);
            compute.attention().storeKeysAndValues(k, v, batch.keysAndValues(slot));
            compute.attention()
                    .attend(new AttentionCall(
                            q, batch.keysAndValues(slot), out, HEADS, 0.6f, MASKS.get(slot), AttentionScores.PLAIN));
            outs[slot] = out.data();
        }
        batch.commit();
        return outs;
    }

    @Provide
    Arbitrary<DType> storage() {
        return Arbitraries.of(DType.F32, DType.F16, DType.Q8_0);
    }

    @Property(tries = 25)
    void companyForksAndCutsChangeNoBit(@ForAll("storage") DType type, @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        KvPool pool = KvPool.open(SLOTS, type, Long.MAX_VALUE);
        List<Told> told = new ArrayList<>();
        List<ComputeGrid.Point> points = ComputeGrid.points();
        Batch batch = new Batch();
        for (int step = 0; step < 12; step++) {
            change(random, pool, told);
            batch.clear();
            for (Told each : told) {
                int rows = random.nextBoolean() ? 1 : 1 + random.nextInt(90);
                int[] ids = random.ints(rows, 0, 1000).toArray();
                batch.add(each.sequence(), ids, 0, rows, Wanted.NONE);
                Arrays.stream(ids).forEach(each.tokens()::add);
            }
            ComputeGrid.Point point = points.get(random.nextInt(points.size()));
            float[][] outs = pass(point.compute(), batch);
            for (int span = 0; span < batch.spans(); span++) {
                check(type, told.get(span), batch, span, outs, "seed " + seed + ", step " + step + ", " + point);
            }
        }
        told.forEach(each -> each.sequence().close());
        Law.holds(pool.usedBytes() == 0, () -> pool.usedBytes() + " bytes are still held");
    }

    /** A new sequence, a fork, a cut or an end, now and then. */
    private static void change(SplittableRandom random, KvPool pool, List<Told> told) {
        if (told.isEmpty() || (told.size() < MOST && random.nextInt(3) == 0)) {
            told.add(new Told(pool.newSequence(), new ArrayList<>()));
            return;
        }
        Told one = told.get(random.nextInt(told.size()));
        switch (random.nextInt(4)) {
            case 0 -> {
                if (told.size() < MOST) {
                    told.add(new Told(one.sequence().fork(), new ArrayList<>(one.tokens())));
                }
            }
            case 1 -> {
                int length = random.nextInt(one.tokens().size() + 1);
                if (one.sequence().canTruncate(length)) {
                    one.sequence().truncate(length);
                    one.tokens().subList(length, one.tokens().size()).clear();
                }
            }
            case 2 -> {
                one.sequence().close();
                told.remove(one);
                told.add(new Told(pool.newSequence(), new ArrayList<>()));
            }
            default -> {}
        }
    }

    private static void check(DType type, Told told, Batch batch, int span, float[][] outs, String what) {
        KvPool fresh = KvPool.open(SLOTS, type, Long.MAX_VALUE);
        Batch alone = new Batch();
        int[] ids = told.tokens().stream().mapToInt(Integer::intValue).toArray();
        alone.add(fresh.newSequence(), ids, 0, ids.length, Wanted.NONE);
        float[][] expected = pass(ComputeGrid.fastest(), alone);
        int rows = batch.rowEnd(span) - batch.rowBegin(span);
        int from = (ids.length - rows) * HEADS * DIM;
        int to = batch.rowBegin(span) * HEADS * DIM;
        for (int slot = 0; slot < outs.length; slot++) {
            Law.sameBits(expected[slot], from, outs[slot], to, rows * HEADS * DIM, () -> what);
        }
    }
}
