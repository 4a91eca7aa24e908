// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of type {@link Vocabulary#USER_DEFINED}, but those that end a text: they are cut out of a text before
 * anything else is done with it, the one of most bytes first, each from left to right. Source: llama.cpp
 * ({@code tokenizer_st_partition}).
 */
final class UserDefined {
    private static final int TEXT = -1;

    private final String[] pieces;
    private final int[] ids;

    UserDefined(String[] pieces, int[] types) {
        this.pieces = pieces;
        ids = IntStream.range(0, pieces.length)
                .filter(id -> types[id] == Vocabulary.USER_DEFINED
                        && !pieces[id].isEmpty()
                        && !EndOfText.is(types[id], pieces[id]))
                .boxed()
                .sorted(Comparator.comparingInt(id -> -pieces[id].getBytes(StandardCharsets.UTF_8).length))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Hands over the parts of a text in order. */
    void split(String text, Parts parts) {
        List<Part> cut = List.of(new Part(0, text.length(), TEXT));
        for (int id : ids) {
            if (text.contains(pieces[id])) {
                cut = cutOut(text, id, cut);
            }
        }
        for (Part part : cut) {
            if (part.id != TEXT) {
                parts.token(part.id);
            } else if (part.begin < part.end) {
                parts.text(part.begin, part.end);
            }
        }
    }

    private List<Part> cutOut(String text, int id, List<Part> parts) {
        List<Part> finer = new ArrayList<>();
        for (Part part : parts) {
            int begin = part.begin;
            int found = part.id == TEXT ? text.indexOf(pieces[id], begin, part.end) : -1;
            while (found >= 0) {
                finer.add(new Part(begin, found, TEXT));
                finer.add(new Part(found, found + pieces[id].length(), id));
                begin = found + pieces[id].length();
                found = text.indexOf(pieces[id], begin, part.end);
            }
            finer.add(new Part(begin, part.end, part.id));
        }
        return finer;
    }

    /** The chars [begin, end): the token {@code id}, or text still to be tokenized. */
    private record Part(int begin, int end, int id) {}

    /** Takes the parts of a text. */
    interface Parts {
        /** The chars [begin, end), at least one. */
        void text(int begin, int end);

        /** A user-defined token. */
        void token(int id);
    }
}
