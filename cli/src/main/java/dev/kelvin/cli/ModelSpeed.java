// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.util.SplittableRandom;

/** Times prompts and generations of one model. The ids are random: what they are does not change the time. */
final class ModelSpeed {
    private final OpenModel open;
    private final KvPool pool;
    private final int[] ids;

    /**
     * Draws tokens.
     *
     * @param longest the most that any measurement has in one sequence
     * @param kvType as what keys and values are kept
     */
    ModelSpeed(OpenModel open, int longest, DType kvType) {
        this.open = open;
        pool = KvPool.open(open.model().memory(), kvType, Long.MAX_VALUE);
        ids = new SplittableRandom(1).ints(longest, 0, open.vocabSize()).toArray();
    }

    /** Tokens a second of a prompt, with the logits of its last token. */
    double prompt(int tokens) {
        HeapTensor hidden = rows(1);
        HeapTensor logits = HeapTensor.zeros(1, open.vocabSize());
        try (Sequence sequence = pool.newSequence()) {
            long start = System.nanoTime();
            open.model().append(sequence, ids, 0, tokens, hidden);
            open.model().head().forward(hidden, logits);
            return tokens / ((System.nanoTime() - start) * 1e-9);
        }
    }

    /**
     * Tokens a second, of all together, in steps of one token a sequence.
     *
     * @param together sequences that are decoded in one batch
     * @param depth tokens that each has before the clock starts
     * @param steps tokens that each generates
     */
    double generation(int together, int depth, int steps) {
        HeapTensor hidden = rows(together);
        HeapTensor logits = HeapTensor.zeros(together, open.vocabSize());
        Sequence[] sequences = new Sequence[together];
        try {
            fill(sequences, depth);
            Batch batch = new Batch();
            long start = System.nanoTime();
            for (int step = depth; step < depth + steps; step++) {
                batch.clear();
                for (Sequence sequence : sequences) {
                    batch.add(sequence, ids, step, step + 1, Batch.Wanted.LAST);
                }
                open.model().forward(batch, hidden);
                open.model().head().forward(hidden, logits);
            }
            return (double) together * steps / ((System.nanoTime() - start) * 1e-9);
        } finally {
            for (Sequence sequence : sequences) {
                if (sequence != null) {
                    sequence.close();
                }
            }
        }
    }

    /** Each gets keys and values of its own: a fork would read those of the first. */
    private void fill(Sequence[] sequences, int depth) {
        HeapTensor hidden = rows(1);
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = pool.newSequence();
            if (depth > 0) {
                open.model().append(sequences[i], ids, 0, depth, hidden);
            }
        }
    }

    private HeapTensor rows(int count) {
        return HeapTensor.zeros(count, open.model().plan().sizes().dim());
    }
}
