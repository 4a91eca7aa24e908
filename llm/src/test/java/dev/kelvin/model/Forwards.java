// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import dev.kelvin.tensor.HeapTensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** Runs sequences through models in pieces of given sizes, and compares bits. */
final class Forwards {
    private Forwards() {}

    /** Hidden rows [tokens, D] of a new sequence that arrives in these pieces; the last one is repeated to the end. */
    static HeapTensor hidden(Decoder model, int[] tokens, int... pieces) {
        Sequence sequence = model.newPool().newSequence();
        HeapTensor all = HeapTensor.zeros(tokens.length, model.plan().sizes().dim());
        int begin = 0;
        for (int piece = 0; begin < tokens.length; piece++) {
            int size = pieces[Math.min(piece, pieces.length - 1)];
            int end = Math.min(tokens.length, begin + size);
            model.append(sequence, tokens, begin, end, all.rowRange(begin, end));
            assertEquals(end, sequence.length());
            begin = end;
        }
        return all;
    }

    /**
     * Demands the hidden rows of a sequence also where it shares its passes with others, where it is the fork of one
     * that went another way, and where it was saved and read again.
     */
    static void assertCompanyAndCopiesChangeNothing(Decoder model, int[] tokens, HeapTensor hidden) throws IOException {
        int[] others = new int[tokens.length];
        Arrays.setAll(others, i -> tokens[(i * 5 + 3) % tokens.length]);
        int half = tokens.length / 2;
        KvPool pool = model.newPool();
        Sequence alone = pool.newSequence();
        Sequence company = pool.newSequence();
        int dim = model.plan().sizes().dim();
        HeapTensor rows = HeapTensor.zeros(tokens.length, dim);
        // One token of the one beside three of the other.
        Batch batch = new Batch();
        for (int t = 0; t < tokens.length; t++) {
            batch.clear();
            if (3 * t + 3 <= others.length) {
                batch.add(company, others, 3 * t, 3 * t + 3, Batch.Wanted.NONE);
            }
            batch.add(alone, tokens, t, t + 1, Batch.Wanted.ALL);
            model.forward(batch, rows.rowRange(t, t + 1));
        }
        assertSameBits(hidden, rows, "in company");

        Sequence original = pool.newSequence();
        model.append(original, tokens, 0, half, rows.rowRange(0, half));
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        original.save(saved);
        Sequence fork = original.fork();
        model.append(original, others, 0, others.length - half, HeapTensor.zeros(1, dim));
        model.append(fork, tokens, half, tokens.length, rows.rowRange(half, tokens.length));
        assertSameBits(hidden, rows, "a fork");
        Sequence read = model.newPool().restore(new ByteArrayInputStream(saved.toByteArray()));
        model.append(read, tokens, half, tokens.length, rows.rowRange(half, tokens.length));
        assertSameBits(hidden, rows, "saved and read");
    }

    /** Logits [tokens, V] of a new sequence that arrives at once. */
    static HeapTensor logits(Decoder model, int... tokens) {
        HeapTensor hidden = hidden(model, tokens, tokens.length);
        HeapTensor logits = HeapTensor.zeros(tokens.length, model.plan().sizes().vocabSize());
        model.head().forward(hidden, logits);
        return logits;
    }

    static void assertSameBits(HeapTensor expected, HeapTensor actual, String what) {
        assertEquals(expected.shape(), actual.shape(), what);
        int columns = expected.columns();
        for (int i = 0; i < expected.rows() * columns; i++) {
            int e = Float.floatToRawIntBits(expected.data()[expected.offset() + i]);
            int a = Float.floatToRawIntBits(actual.data()[actual.offset() + i]);
            if (e != a) {
                int row = i / columns;
                int column = i % columns;
                assertEquals(
                        Integer.toHexString(e),
                        Integer.toHexString(a),
                        () -> what + ": bits differ at row " + row + ", column " + column);
            }
        }
    }

    /** Ids that wander through the vocabulary. */
    static int[] tokens(int count, int vocabSize) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> (i * 7 + i * i % 11) % vocabSize);
        return tokens;
    }
}
