// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

import dev.kelvin.ops.Compute;
import dev.kelvin.ops.Logits;
import dev.kelvin.ops.TokenPicks;
import dev.kelvin.tensor.HeapTensor;
import java.util.BitSet;

/**
 * The whole row of logits, where it lies: a candidate's index is its id. What narrows it looks only at the blocks whose
 * maximum reaches the threshold; what changes it works on a copy.
 */
@SuppressWarnings("ReferenceEquality") // Whether the row lies in the array of the last one is a question of identity.
final class WholeRow implements CandidateSet {
    private final Compute compute;
    private final RowIndex index;
    private final RowStore copy = new RowStore();
    private final double[] draw = new double[1];
    private final float[] drawTemperature = new float[1];
    private final TokenPicks pick = TokenPicks.of(1);
    private HeapTensor callersRow;

    /** The caller's, or the copy. */
    private HeapTensor row;

    private boolean indexCurrent;

    /** Whether it is known that no place is masked. */
    private boolean unmasked;

    WholeRow(Compute compute) {
        this.compute = compute;
        this.index = new RowIndex(compute);
    }

    /** Looks at other logits; refuses those that have no distribution. */
    void look(HeapTensor logits) {
        int vocabSize = logits.columns();
        if (logits.shape().elements() != vocabSize || vocabSize == 0) {
            throw new IllegalArgumentException(
                    "sampling: logits must be one row, [V] or [1, V], but are " + logits.shape());
        }
        if (callersRow == null
                || callersRow.data() != logits.data()
                || callersRow.offset() != logits.offset()
                || callersRow.columns() != vocabSize) {
            callersRow = HeapTensor.view(logits.data(), logits.offset(), 1, vocabSize);
        }
        row = callersRow;
        unmasked = false;
        indexCurrent = false;
        if (!Float.isFinite(max())) {
            throw unsound();
        }
    }

    private IllegalArgumentException unsound() {
        int first = -1;
        int total = 0;
        for (int id = 0; id < count(); id++) {
            if (!(logit(id) < Float.POSITIVE_INFINITY)) {
                first = total++ == 0 ? id : first;
            }
        }
        return new IllegalArgumentException(
                total == 0
                        ? "sampling: all of " + count() + " logits are -inf"
                        : "sampling: logits have " + logit(first) + " at index " + first + " (" + total + " of "
                                + count() + " are NaN or +inf)");
    }

    private float logit(int id) {
        return row.data()[row.offset() + id];
    }

    private RowIndex index() {
        if (!indexCurrent) {
            index.build(row);
            indexCurrent = true;
        }
        return index;
    }

    /** Whether a place is masked. */
    boolean hasMasked() {
        if (!unmasked) {
            float[] x = logits();
            int end = offset() + count();
            int candidates = 0;
            for (int i = offset(); i < end; i++) {
                candidates += x[i] > Float.NEGATIVE_INFINITY ? 1 : 0;
            }
            unmasked = candidates == count();
        }
        return !unmasked;
    }

    /**
     * A threshold that at least so many logits reach, and few more.
     *
     * @return the threshold; −∞ if nothing is known
     */
    float reachedBy(int number) {
        return number <= index().blocks() ? index.largest(number) : Float.NEGATIVE_INFINITY;
    }

    /**
     * Moves those whose probability is at least a threshold above 0.
     *
     * @param probs the softmax of the row
     * @param kept receives the probabilities of those moved
     */
    void keepProbable(HeapTensor probs, float threshold, NarrowedSet to, RowStore kept) {
        to.reserve(count());
        kept.grow(count());
        int left = compute.logits().collectAtLeast(probs, 0, count(), threshold, to.ids(), kept.data(), 0);
        to.fill(left, logits(), offset());
    }

    @Override
    public int count() {
        return row.columns();
    }

    @Override
    public int id(int index) {
        return index;
    }

    @Override
    public int indexOf(int id) {
        return logit(id) > Float.NEGATIVE_INFINITY ? id : -1;
    }

    @Override
    public float[] logits() {
        return row.data();
    }

    @Override
    public int offset() {
        return row.offset();
    }

    @Override
    public float max() {
        return index().max();
    }

    @Override
    public int indexOfMax() {
        float max = max();
        int best = 0;
        // Only the first block that has the maximum is searched.
        while (index.max(best / Logits.BLOCK) != max) {
            best += Logits.BLOCK;
        }
        while (logit(best) != max) {
            best++;
        }
        return best;
    }

    @Override
    public void set(int index, float logit) {
        own();
        row.data()[row.offset() + index] = logit;
        unmasked = false;
        indexCurrent = false;
    }

    @Override
    public void divide(float temperature) {
        own();
        float[] x = logits();
        int end = offset() + count();
        for (int i = offset(); i < end; i++) {
            if (x[i] > Float.NEGATIVE_INFINITY) {
                x[i] = Candidates.held(x[i] / temperature);
            }
        }
        indexCurrent = false;
    }

    private void own() {
        if (row == callersRow) {
            HeapTensor target = copy.row(count());
            System.arraycopy(logits(), offset(), target.data(), 0, count());
            row = target;
        }
    }

    @Override
    public void keepFrom(float threshold, NarrowedSet to) {
        RowIndex blocks = index();
        int left = 0;
        for (int block = 0; block < blocks.blocks(); block++) {
            if (blocks.max(block) >= threshold) {
                int begin = block * Logits.BLOCK;
                int end = Math.min(count(), begin + Logits.BLOCK);
                to.reserve(left + Logits.BLOCK);
                left = compute.logits().collectAtLeast(row, begin, end, threshold, to.ids(), to.logits(), left);
            }
        }
        to.end(left);
    }

    @Override
    public void keepOnly(BitSet allowed, NarrowedSet to) {
        int left = 0;
        for (int id = allowed.nextSetBit(0); id >= 0 && id < count(); id = allowed.nextSetBit(id + 1)) {
            if (logit(id) > Float.NEGATIVE_INFINITY) {
                left = to.put(left, id, logit(id));
            }
        }
        to.end(left);
    }

    @Override
    public HeapTensor softmax(float temperature, RowStore to) {
        HeapTensor probs = to.row(count());
        compute.softmax(row, temperature, probs);
        return probs;
    }

    @Override
    public void logSoftmax(float temperature, RowStore to) {
        compute.logSoftmax(row, temperature, to.row(count()));
    }

    /** As {@link Logits#pick} does, so that a head that never had these logits finds the same. */
    @Override
    public int pick(double u, float temperature, float[] probs) {
        draw[0] = u;
        drawTemperature[0] = temperature;
        compute.logits().pick(row, drawTemperature, draw, pick);
        return pick.token(0);
    }
}
