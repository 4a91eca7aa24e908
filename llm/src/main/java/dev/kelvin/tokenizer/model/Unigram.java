// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.Words;
import java.util.Arrays;
import java.util.Map;

/**
 * The most probable way to cut a word into tokens, whose scores are logarithms of probabilities: Viterbi's algorithm
 * over a trie. A character that is no token by itself is unknown, at a score of 10 below the least; neighbouring
 * unknown ones are one token. Of equal sums the cut found first stays.
 *
 * <p>Source: Kudo, "Subword Regularization", 2018; SentencePiece's {@code EncodeOptimized}.
 */
public final class Unigram implements TokenModel {
    private static final double UNKNOWN_PENALTY = 10;
    private static final int NO_CUT = -1;

    private final TokenTrie trie = new TokenTrie();
    private final double[] scores;
    private final int[] lengths;
    private final int unknown;
    private final boolean hasUnknown;
    private final double unknownScore;
    private final ByteTokens bytes;
    private final int window;
    private final WordCache cache = new WordCache();

    /**
     * A model.
     *
     * @param ids the tokens that text can become, by their spelling
     * @param scores [V]
     * @param leastScore what the score of the unknown is reckoned from
     * @param unknownId −1 for none: what is unknown is left out then
     * @param byteFallback whether what is unknown is spelled in {@link ByteTokens}, if there are all it needs
     */
    public Unigram(Map<String, Integer> ids, double[] scores, double leastScore, int unknownId, boolean byteFallback) {
        this.scores = scores.clone();
        lengths = new int[scores.length];
        int longest = 2;
        for (Map.Entry<String, Integer> entry : ids.entrySet()) {
            String piece = entry.getKey();
            if (!piece.isEmpty()) {
                trie.add(piece, entry.getValue());
                lengths[entry.getValue()] = piece.length();
                longest = Math.max(longest, piece.length());
            }
        }
        hasUnknown = unknownId >= 0;
        unknown = hasUnknown ? unknownId : scores.length;
        unknownScore = leastScore - UNKNOWN_PENALTY;
        bytes = byteFallback ? new ByteTokens(piece -> ids.getOrDefault(piece, -1)) : null;
        window = Integer.highestOneBit(longest) * 2;
    }

    @Override
    public Words encoder(IdList ids) {
        return cache.encoder(ids, new Encoder(ids));
    }

    /** The words of one text. */
    private final class Encoder implements Words {
        private final IdList ids;

        /** By place modulo the window: only so far back does a token reach. */
        private final double[] sums = new double[window];

        /** By place: the token that ends there on the best way. */
        private int[] ends = new int[64];

        Encoder(IdList ids) {
            this.ids = ids;
        }

        @Override
        public void accept(Part part, int begin, int end) {
            int chars = end - begin;
            if (ends.length <= chars) {
                ends = new int[Math.max(chars + 1, 2 * ends.length)];
            }
            Arrays.fill(ends, 0, chars + 1, NO_CUT);
            sums[0] = 0;
            String text = part.text();
            for (int at = 0; at < chars; ) {
                int width = Character.isHighSurrogate(text.charAt(begin + at)) ? 2 : 1;
                if (!walk(text, begin, end, at, width)) {
                    offer(at, at + width, unknown, unknownScore);
                }
                at += width;
            }
            collect(text, begin, chars);
        }

        /** Offers every token that begins at a place; whether one of them is the single character there. */
        private boolean walk(String text, int begin, int end, int at, int width) {
            boolean single = false;
            int node = 0;
            for (int i = begin + at; i < end; i++) {
                node = trie.child(node, text.charAt(i));
                if (node < 0) {
                    break;
                }
                int id = trie.id(node);
                if (id >= 0) {
                    int to = i + 1 - begin;
                    single |= to - at == width;
                    offer(at, to, id, scores[id]);
                }
            }
            return single;
        }

        private void offer(int from, int to, int id, double score) {
            double sum = sums[from & (window - 1)] + score;
            int slot = to & (window - 1);
            if (ends[to] == NO_CUT || sum > sums[slot]) {
                sums[slot] = sum;
                ends[to] = id;
            }
        }

        /** Goes back over the best way, turns it round, and hands it over. */
        private void collect(String text, int begin, int chars) {
            int count = 0;
            for (int at = chars; at > 0; ) {
                int id = ends[at];
                int width = id == unknown ? widthBefore(text, begin + at) : lengths[id];
                // The places behind are not needed any more.
                ends[chars - count++] = id;
                at -= width;
            }
            int at = 0;
            for (int i = 0; i < count; ) {
                int id = ends[chars - count + 1 + i];
                if (id != unknown) {
                    ids.add(id);
                    at += lengths[id];
                    i++;
                    continue;
                }
                int from = at;
                while (i < count && ends[chars - count + 1 + i] == unknown) {
                    at += Character.isHighSurrogate(text.charAt(begin + at)) ? 2 : 1;
                    i++;
                }
                addUnknown(text.substring(begin + from, begin + at));
            }
        }

        private void addUnknown(String text) {
            int[] spelled = bytes == null ? null : bytes.spell(text);
            if (spelled != null) {
                ids.addAll(spelled);
            } else if (hasUnknown) {
                ids.add(unknown);
            }
        }
    }

    private static int widthBefore(String text, int index) {
        return Character.isLowSurrogate(text.charAt(index - 1)) ? 2 : 1;
    }
}
