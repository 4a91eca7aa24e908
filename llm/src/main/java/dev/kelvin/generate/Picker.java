// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.CounterRandom;
import dev.kelvin.head.LogitProjection;
import dev.kelvin.head.Sampling;
import dev.kelvin.head.TokenConstraint;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.RowBuffer;
import dev.kelvin.ops.TokenPicks;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Picks the next token of several sequences from their hidden rows: those that want a temperature alone in one pass
 * over the head's weights without logits, the others from logits of one pass.
 */
final class Picker {
    /** Takes what was picked, or why nothing could be. */
    interface Picks {
        void picked(ActiveGeneration generation, int id);

        /** A pick failed; {@code unsound} if the logits are not finite, which is the model's fault. */
        void failed(ActiveGeneration generation, RuntimeException cause, boolean unsound);
    }

    /** What a pass of so many rows needs. */
    private record Pass(float[] temperatures, double[] draws, TokenPicks picks) {}

    private final LogitProjection head;
    private final RowBuffer hiddenRows;
    private final RowBuffer logitRows;
    private final List<Pass> passes = new ArrayList<>();
    private final List<ActiveGeneration> direct = new ArrayList<>();
    private final List<ActiveGeneration> byLogits = new ArrayList<>();

    Picker(LogitProjection head) {
        this.head = head;
        hiddenRows = new RowBuffer(head.dim());
        logitRows = new RowBuffer(head.vocabSize());
    }

    /**
     * Picks.
     *
     * @param hidden [n, D], the row of each generation
     * @param generations n of them
     */
    void pick(HeapTensor hidden, List<ActiveGeneration> generations, Picks to) {
        direct.clear();
        byLogits.clear();
        for (ActiveGeneration each : generations) {
            (each.needsLogits() ? byLogits : direct).add(each);
        }
        if (!direct.isEmpty()) {
            pickDirectly(rowsOf(direct, hidden, generations), to);
        }
        if (!byLogits.isEmpty()) {
            pickByLogits(rowsOf(byLogits, hidden, generations), to);
        }
    }

    private HeapTensor rowsOf(List<ActiveGeneration> some, HeapTensor hidden, List<ActiveGeneration> all) {
        if (some.size() == all.size()) {
            return hidden;
        }
        HeapTensor rows = hiddenRows.rows(some.size());
        int dim = hidden.columns();
        int row = 0;
        for (int i = 0; i < all.size(); i++) {
            if (row < some.size() && all.get(i) == some.get(row)) {
                int from = hidden.offset() + i * dim;
                System.arraycopy(hidden.data(), from, rows.data(), rows.offset() + row * dim, dim);
                row++;
            }
        }
        return rows;
    }

    private void pickDirectly(HeapTensor rows, Picks to) {
        int count = direct.size();
        while (passes.size() < count) {
            int size = passes.size() + 1;
            passes.add(new Pass(new float[size], new double[size], TokenPicks.of(size)));
        }
        Pass pass = passes.get(count - 1);
        for (int i = 0; i < count; i++) {
            Sampling sampling = direct.get(i).sampling();
            pass.temperatures[i] = sampling.chain().temperature();
            pass.draws[i] = CounterRandom.uniform(sampling.seed(), sampling.sequence(), sampling.position());
        }
        try {
            head.sample(rows, pass.temperatures, pass.draws, pass.picks);
        } catch (IllegalArgumentException e) {
            pickOneByOne(rows, pass, to);
            return;
        }
        for (int i = 0; i < count; i++) {
            direct.get(i).sampling().accept(pass.picks.token(i));
            to.picked(direct.get(i), pass.picks.token(i));
        }
    }

    /** One sequence has logits that no softmax normalises; the others must not notice. */
    private void pickOneByOne(HeapTensor rows, Pass pass, Picks to) {
        for (int i = 0; i < direct.size(); i++) {
            int id;
            try {
                id = head.sample(rows.rowRange(i, i + 1), pass.temperatures[i], pass.draws[i]);
            } catch (IllegalArgumentException e) {
                HeapTensor logits = logitRows.rows(1);
                head.forward(rows.rowRange(i, i + 1), logits);
                to.failed(direct.get(i), e, !isFinite(logits));
                continue;
            }
            direct.get(i).sampling().accept(id);
            to.picked(direct.get(i), id);
        }
    }

    /**
     * A failure with the weight that is to blame, where there is one: rows were checked when they came, so what a layer
     * or a sampler does not take is of the model.
     */
    static Throwable explained(Throwable failure, Decoder model) {
        if (!(failure instanceof IllegalArgumentException)) {
            return failure;
        }
        return model.firstNonFiniteWeight()
                .<Throwable>map(
                        weight -> new IllegalArgumentException("the model computes no logits: " + weight, failure))
                .orElse(failure);
    }

    static boolean isFinite(HeapTensor rows) {
        int begin = rows.offset();
        for (int i = begin; i < begin + rows.rows() * rows.columns(); i++) {
            if (!Float.isFinite(rows.data()[i])) {
                return false;
            }
        }
        return true;
    }

    private void pickByLogits(HeapTensor rows, Picks to) {
        HeapTensor logits = logitRows.rows(byLogits.size());
        head.forward(rows, logits);
        for (int i = 0; i < byLogits.size(); i++) {
            ActiveGeneration generation = byLogits.get(i);
            HeapTensor row = byLogits.size() == 1 ? logits : logits.rowRange(i, i + 1);
            TokenConstraint constraint = generation.request().constraint();
            int id;
            try {
                generation.tellLogits(row);
                id = constraint == null
                        ? generation.sampling().pick(row)
                        : generation.sampling().pick(row, constraint.mask());
            } catch (RuntimeException e) {
                to.failed(generation, e, !isFinite(row));
                continue;
            }
            to.picked(generation, id);
        }
    }
}
