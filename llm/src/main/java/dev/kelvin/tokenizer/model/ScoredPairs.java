// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * SentencePiece's byte-pair encoding: two symbols merge if they spell a token together, and its score is their urgency.
 * A character that occurs in tokens without being one has a symbol beyond the tokens; any other is −2 less its code
 * point, and merges with nothing. Without a token, a character is spelled in byte tokens, or, if one is missing,
 * unknown; without an unknown token the missing bytes are left out.
 */
final class ScoredPairs implements Merges, Alphabet {
    private static final int FIRST_STRANGER = -2;

    private final Map<String, Integer> ids;
    private final float[] scores;
    private final int unknownId;
    private final ByteTokens bytes;
    private final int tokens;

    /** The spelling of each symbol. */
    private final String[] spellings;

    private final Map<Integer, Integer> characters = new HashMap<>();

    ScoredPairs(Map<String, Integer> ids, float[] scores, int unknownId) {
        this.ids = ids;
        this.scores = scores;
        this.unknownId = unknownId;
        bytes = new ByteTokens(piece -> ids.getOrDefault(piece, -1));
        tokens = scores.length;
        List<String> strangers = new ArrayList<>();
        ids.keySet().forEach(piece -> piece.codePoints()
                .forEach(point -> characters.computeIfAbsent(point, character -> {
                    String spelling = Character.toString(character);
                    Integer id = ids.get(spelling);
                    if (id == null) {
                        strangers.add(spelling);
                    }
                    return id == null ? tokens + strangers.size() - 1 : id;
                })));
        spellings = new String[tokens + strangers.size()];
        ids.forEach((piece, id) -> spellings[id] = piece);
        for (int i = 0; i < strangers.size(); i++) {
            spellings[tokens + i] = strangers.get(i);
        }
    }

    @Override
    public long find(int left, int right) {
        if ((left | right) < 0) {
            return NONE;
        }
        Integer id = ids.get(spellings[left].concat(spellings[right]));
        return id == null ? NONE : Merges.found(rank(scores[id]), id);
    }

    /** Descending with the score, −0 as 0. */
    private static int rank(float score) {
        int bits = Float.floatToIntBits(score + 0.0f);
        return ~(bits ^ (bits >> 31 & Integer.MAX_VALUE));
    }

    @Override
    public int mostSymbols(String text, int begin, int end) {
        return end - begin;
    }

    @Override
    public int spell(String text, int begin, int end, int[] out) {
        int count = 0;
        for (int i = begin; i < end; ) {
            int point = text.codePointAt(i);
            out[count++] = characters.getOrDefault(point, FIRST_STRANGER - point);
            i += Character.charCount(point);
        }
        return count;
    }

    @Override
    public void spellOut(int symbol, IdList list) {
        String text = symbol < 0 ? Character.toString(FIRST_STRANGER - symbol) : spellings[symbol];
        int[] spelled = bytes.spell(text);
        if (spelled != null) {
            list.addAll(spelled);
        } else if (unknownId >= 0) {
            list.add(unknownId);
        } else {
            for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
                if (bytes.id(value) >= 0) {
                    list.add(bytes.id(value));
                }
            }
        }
    }
}
