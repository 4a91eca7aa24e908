// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import dev.kelvin.nn.WeightSource;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.Block;
import dev.kelvin.plan.Branch;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Part;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;

/**
 * A row has the same bits alone and in company: random mixtures of pieces of prompts and single steps of up to 16
 * sequences, which fork, are cut back and end in any order.
 */
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class CompanyProperties {
    private static final int VOCAB_SIZE = 31;
    private static final int CONTEXT_LENGTH = 300;
    private static final List<Batch.Wanted> WANTED = List.of(Batch.Wanted.NONE, Batch.Wanted.LAST, Batch.Wanted.ALL);

    /** Weights that depend on their name alone. */
    private static final WeightSource WEIGHTS = new WeightSource() {
        private HeapTensor whole(Weight weight) {
            SplittableRandom random = new SplittableRandom(weight.name().hashCode());
            HeapTensor tensor = HeapTensor.zeros(weight.shape().dims());
            double limit = Math.sqrt(3.0 / weight.shape().columns());
            for (int i = 0; i < tensor.data().length; i++) {
                tensor.data()[i] = (float)
                        (weight.role() == Weight.Role.GAIN
                                ? 1 + random.nextDouble(0.3)
                                : random.nextDouble(-limit, limit));
            }
            return tensor;
        }

        @Override
        public HeapTensor table(Weight weight) {
            return whole(weight);
        }

        @Override
        public HeapTensor factor(Part part) {
            return whole(part.weight()).rowRange(part.begin(), part.end());
        }

        @Override
        public HeapTensor vector(Part part) {
            HeapTensor whole = whole(part.weight());
            return HeapTensor.view(whole.data(), whole.offset() + part.begin(), part.rows());
        }
    };

    private static DecoderPlan plan(boolean rotary, boolean windows) {
        String family = rotary ? "llama" : "gpt2";
        DecoderPlan plan = LanguageModels.plan(
                Map.of(
                        "general.architecture",
                        family,
                        family + ".vocab_size",
                        VOCAB_SIZE,
                        family + ".context_length",
                        CONTEXT_LENGTH,
                        family + ".embedding_length",
                        20,
                        family + ".feed_forward_length",
                        27,
                        family + ".attention.head_count",
                        2,
                        family + ".attention.head_count_kv",
                        rotary ? 1 : 2,
                        family + ".attention.layer_norm_rms_epsilon",
                        1e-5f,
                        family + ".attention.layer_norm_epsilon",
                        1e-5f,
                        family + ".block_count",
                        2),
                Set.of("output.weight"));
        if (!windows) {
            return plan;
        }
        List<Block> blocks = new ArrayList<>(plan.blocks());
        Branch first = blocks.getFirst().branches().getFirst();
        AttentionPlan local = ((AttentionPlan) first.layer()).withMask(AttentionMask.window(21));
        blocks.set(
                0,
                Block.of(
                        Branch.of(first.before(), local),
                        blocks.getFirst().branches().getLast()));
        return DecoderPlan.of(plan.sizes(), plan.embedding(), blocks, plan.outputNorm(), plan.output());
    }

    /** A sequence and the ids that it has seen. */
    private record Text(Sequence sequence, List<Integer> ids) {}

    /** A row of some pass: the ids up to its own, and its hidden state. */
    private record Row(List<Integer> ids, float[] hidden) {}

    private final Batch batch = new Batch();

    @Property(tries = 12)
    void aRowHasTheSameBitsAloneAndInCompany(
            @ForAll long seed, @ForAll boolean rotary, @ForAll boolean windows, @ForAll boolean half) {
        SplittableRandom random = new SplittableRandom(seed);
        DecoderPlan plan = plan(rotary, windows);
        List<ComputeGrid.Point> points = ComputeGrid.points();
        ComputeGrid.Point point = points.get(random.nextInt(points.size()));
        DType type = half ? DType.F16 : DType.F32;
        List<Row> rows = company(new Decoder(plan, WEIGHTS, point.compute()), type, random);
        Compute reference = ComputeGrid.reference();
        Decoder alone = new Decoder(plan, WEIGHTS, reference);
        KvPool pool = KvPool.open(alone.memory(), type, Long.MAX_VALUE);
        HeapTensor hidden = HeapTensor.zeros(1, plan.sizes().dim());
        for (Row row : rows) {
            int[] ids = row.ids().stream().mapToInt(Integer::intValue).toArray();
            try (Sequence sequence = pool.newSequence()) {
                alone.append(sequence, ids, 0, ids.length, hidden);
            }
            for (int i = 0; i < row.hidden().length; i++) {
                assertEquals(
                        Float.floatToRawIntBits(hidden.data()[i]),
                        Float.floatToRawIntBits(row.hidden()[i]),
                        () -> "seed " + seed + ", " + point + ", position " + (ids.length - 1));
            }
        }
    }

    private List<Row> company(Decoder decoder, DType type, SplittableRandom random) {
        KvPool pool = KvPool.open(decoder.memory(), type, Long.MAX_VALUE);
        List<Text> texts = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        for (int step = 0; step < 12; step++) {
            rearrange(pool, texts, random);
            pass(decoder, texts, rows, random);
        }
        texts.forEach(text -> text.sequence().close());
        assertEquals(0, pool.usedBytes());
        return rows;
    }

    private static void rearrange(KvPool pool, List<Text> texts, SplittableRandom random) {
        texts.removeIf(text -> {
            boolean ends = random.nextInt(12) == 0;
            if (ends) {
                text.sequence().close();
            }
            return ends;
        });
        for (Text text : List.copyOf(texts)) {
            int length = random.nextInt(text.ids().size() + 1);
            if (random.nextInt(5) == 0 && texts.size() < 16) {
                texts.add(new Text(text.sequence().fork(), new ArrayList<>(text.ids())));
            }
            if (random.nextInt(5) == 0 && text.sequence().canTruncate(length)) {
                text.sequence().truncate(length);
                text.ids().subList(length, text.ids().size()).clear();
            }
        }
        for (int i = random.nextInt(4); texts.size() < 16 && i > 0; i--) {
            texts.add(new Text(pool.newSequence(), new ArrayList<>()));
        }
        if (texts.isEmpty()) {
            texts.add(new Text(pool.newSequence(), new ArrayList<>()));
        }
    }

    private void pass(Decoder decoder, List<Text> texts, List<Row> rows, SplittableRandom random) {
        batch.clear();
        List<Row> wanted = new ArrayList<>();
        for (Text text : texts) {
            int most = Math.min(CONTEXT_LENGTH - text.ids().size(), random.nextInt(3) == 0 ? 70 : 1);
            if (most == 0 || (batch.rows() > 0 && random.nextInt(4) == 0)) {
                continue;
            }
            int[] ids = random.ints(random.nextInt(most) + 1, 0, VOCAB_SIZE).toArray();
            Arrays.stream(ids).forEach(text.ids()::add);
            Batch.Wanted which = WANTED.get(random.nextInt(WANTED.size()));
            batch.add(text.sequence(), ids, 0, ids.length, which);
            int size = text.ids().size();
            int first =
                    which == Batch.Wanted.NONE ? size + 1 : which == Batch.Wanted.LAST ? size : size - ids.length + 1;
            for (int end = first; end <= size; end++) {
                wanted.add(new Row(
                        List.copyOf(text.ids().subList(0, end)),
                        new float[decoder.plan().sizes().dim()]));
            }
        }
        if (batch.rows() == 0) {
            return;
        }
        HeapTensor hidden =
                HeapTensor.zeros(batch.wantedRows(), decoder.plan().sizes().dim());
        decoder.forward(batch, hidden);
        assertEquals(wanted.size(), batch.wantedRows());
        for (int i = 0; i < wanted.size(); i++) {
            float[] row = wanted.get(i).hidden();
            System.arraycopy(hidden.data(), i * row.length, row, 0, row.length);
            // Every row of a few passes would take long alone.
            if (i % 7 == 0 || i == wanted.size() - 1) {
                rows.add(wanted.get(i));
            }
        }
    }
}
