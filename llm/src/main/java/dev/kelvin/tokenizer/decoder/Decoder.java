// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.decoder;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Turns the spellings of tokens into pieces of text. A stage of a chain; immutable.
 *
 * <p>Source: the decoders of Hugging Face's tokenizers, which take all tokens at once. Here they come one by one, and
 * what is certain goes on at once; together it is the same text.
 */
@FunctionalInterface
public interface Decoder {
    /** Changes nothing. */
    Decoder NONE = (atStart, next) -> next;

    /** A chain at work on one text; for one thread. */
    interface Pieces {
        /** Takes the next piece. */
        void accept(String piece);

        /** Ends the text. */
        void end();
    }

    /**
     * Begins a text.
     *
     * @param atStart whether the first piece is the beginning of a text, rather than the rest of one
     * @param next takes what comes of the pieces
     */
    Pieces start(boolean atStart, Pieces next);

    /** One after the other. */
    static Decoder sequence(List<Decoder> steps) {
        List<Decoder> all = List.copyOf(steps);
        return (atStart, next) -> {
            Pieces pieces = next;
            for (int i = all.size() - 1; i >= 0; i--) {
                pieces = all.get(i).start(atStart, pieces);
            }
            return pieces;
        };
    }

    /** Changes each piece by itself. */
    static Decoder each(UnaryOperator<String> change) {
        return (atStart, next) -> new Pieces() {
            @Override
            public void accept(String piece) {
                next.accept(change.apply(piece));
            }

            @Override
            public void end() {
                next.end();
            }
        };
    }

    /** Changes each piece by itself, but the first in its own way. */
    static Decoder each(UnaryOperator<String> first, UnaryOperator<String> others) {
        return (atStart, next) -> new Pieces() {
            private boolean isFirst = atStart;

            @Override
            public void accept(String piece) {
                next.accept((isFirst ? first : others).apply(piece));
                isFirst = false;
            }

            @Override
            public void end() {
                next.end();
            }
        };
    }

    /** Makes one piece of all, at the end. */
    static Decoder whole() {
        return (atStart, next) -> new Pieces() {
            private final StringBuilder all = new StringBuilder();

            @Override
            public void accept(String piece) {
                all.append(piece);
            }

            @Override
            public void end() {
                next.accept(all.toString());
                all.setLength(0);
                next.end();
            }
        };
    }
}
