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
     * @param hidden [n, D], the wanted rows of each generation, one after the other
     * @param generations which have n of them together
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
        int count = 0;
        for (ActiveGeneration each : some) {
            count += each.wantedRows();
        }
        HeapTensor rows = hiddenRows.rows(count);
        int dim = hidden.columns();
        int next = 0;
        int from = hidden.offset();
        int to = rows.offset();
        for (ActiveGeneration each : all) {
            int floats = each.wantedRows() * dim;
            if (next < some.size() && each == some.get(next)) {
                System.arraycopy(hidden.data(), from, rows.data(), to, floats);
                to += floats;
                next++;
            }
            from += floats;
        }
        return rows;
    }

    private void pickDirectly(HeapTensor rows, Picks to) {
        int count = rows.rows();
        while (passes.size() < count) {
            int size = passes.size() + 1;
            passes.add(new Pass(new float[size], new double[size], TokenPicks.of(size)));
        }
        Pass pass = passes.get(count - 1);
        int row = 0;
        for (ActiveGeneration each : direct) {
            Sampling sampling = each.sampling();
            for (int i = 0; i < each.wantedRows(); i++, row++) {
                pass.temperatures[row] = sampling.chain().temperature();
                pass.draws[row] = CounterRandom.uniform(sampling.seed(), sampling.sequence(), sampling.position() + i);
            }
        }
        boolean together = true;
        try {
            head.sample(rows, pass.temperatures, pass.draws, pass.picks);
        } catch (IllegalArgumentException e) {
            together = false; // one row has logits that no softmax normalises; the others must not notice
        }
        int first = 0;
        for (ActiveGeneration each : direct) {
            int wanted = each.wantedRows();
            for (int i = 0; i >= 0; i = each.nextRow()) {
                int id;
                try {
                    id = together ? pass.picks.token(first + i) : pickAlone(rows, pass, first + i);
                } catch (IllegalArgumentException e) {
                    HeapTensor logits = logitRows.rows(1);
                    head.forward(rows.rowRange(first + i, first + i + 1), logits);
                    to.failed(each, e, !isFinite(logits));
                    break;
                }
                each.sampling().accept(id);
                to.picked(each, id);
            }
            first += wanted;
        }
    }

    private int pickAlone(HeapTensor rows, Pass pass, int row) {
        return head.sample(rows.rowRange(row, row + 1), pass.temperatures[row], pass.draws[row]);
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
        HeapTensor logits = logitRows.rows(rows.rows());
        head.forward(rows, logits);
        int first = 0;
        for (ActiveGeneration each : byLogits) {
            int wanted = each.wantedRows();
            for (int i = 0; i >= 0; i = each.nextRow()) {
                HeapTensor row = rows.rows() == 1 ? logits : logits.rowRange(first + i, first + i + 1);
                TokenConstraint constraint = each.request().constraint();
                int id;
                try {
                    each.tellLogits(row);
                    id = constraint == null
                            ? each.sampling().pick(row)
                            : each.sampling().pick(row, constraint.mask());
                } catch (RuntimeException e) {
                    to.failed(each, e, !isFinite(row));
                    break;
                }
                to.picked(each, id);
            }
            first += wanted;
        }
    }
}
