// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.head.TokenLogProb;
import dev.kelvin.nn.Sequence;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * How probable a model finds each token of a text behind those before it, at τ = 1. It is computed block by block, so
 * that other work finds its turn between two of them. For one thread at a time, the one that owns the model.
 */
public final class TextScores implements AutoCloseable {
    /** Positions of a block. */
    private static final int BLOCK = 64;

    private final OpenModel open;
    private final int[] ids;
    private final int top;
    private final List<Integer> suppressed;
    private final Sequence sequence;
    private final HeapTensor hidden;
    private final HeapTensor logits;
    private final HeapTensor logProbs;
    private final List<GeneratedToken> tokens = new ArrayList<>();
    private int done;

    /**
     * Begins with a text.
     *
     * @param ids of its tokens, at least one, which are not copied
     * @param top how many of the most probable tokens are told with each
     * @throws ModelFormatException if the model's file describes no tokenizer
     * @throws IllegalArgumentException if the text is empty or longer than the model's context
     */
    public TextScores(OpenModel open, int[] ids, int top) throws ModelFormatException {
        if (ids.length == 0 || ids.length > open.contextLength()) {
            throw new IllegalArgumentException(
                    "scores: a text of " + ids.length + " tokens; the context has " + open.contextLength());
        }
        this.open = open;
        this.ids = ids;
        this.top = top;
        suppressed = open.tokenizer().special().suppressed();
        int block = Math.min(BLOCK, ids.length);
        sequence = open.model().newPool().newSequence();
        hidden = HeapTensor.zeros(block, open.model().plan().sizes().dim());
        logits = HeapTensor.zeros(block, open.vocabSize());
        logProbs = HeapTensor.zeros(1, open.vocabSize());
    }

    /** Computes the next block; whether there are more. */
    public boolean next() {
        int count = Math.min(hidden.rows(), ids.length - 1 - done);
        if (count > 0) {
            open.model().append(sequence, ids, done, done + count, hidden.rowRange(0, count));
            open.model().head().forward(hidden.rowRange(0, count), logits.rowRange(0, count));
            for (int row = 0; row < count; row++) {
                HeapTensor position = logits.rowRange(row, row + 1);
                for (int id : suppressed) {
                    position.data()[position.offset() + id] = Float.NEGATIVE_INFINITY;
                }
                open.compute().logSoftmax(position, 1, logProbs);
                int id = ids[done + row + 1];
                tokens.add(new GeneratedToken(id, logProbs.data()[id], largest()));
            }
            done += count;
        }
        return done < ids.length - 1;
    }

    /** The most probable tokens, of equal ones the lower id first. */
    private List<TokenLogProb> largest() {
        float[] values = logProbs.data();
        List<TokenLogProb> largest = new ArrayList<>(top + 1);
        for (int id = 0; id < values.length && top > 0; id++) {
            if (largest.size() < top || values[id] > largest.getLast().logProb()) {
                int place = largest.size();
                while (place > 0 && values[id] > largest.get(place - 1).logProb()) {
                    place--;
                }
                largest.add(place, new TokenLogProb(id, values[id]));
                if (largest.size() > top) {
                    largest.removeLast();
                }
            }
        }
        return largest;
    }

    /** The tokens behind the first, as far as they are computed. */
    public List<GeneratedToken> tokens() {
        return tokens;
    }

    /** Gives back what the text takes. */
    @Override
    public void close() {
        sequence.close();
    }
}
