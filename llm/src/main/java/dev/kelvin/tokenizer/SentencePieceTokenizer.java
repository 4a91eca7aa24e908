// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * SentencePiece-style byte pair encoding with scores and byte fallback: the GGUF tokenizer type {@code llama}.
 *
 * <p>User-defined tokens are cut out as they stand. The text between gets one space in front where it begins or follows
 * one (if the vocabulary says so), spaces become U+2581, and the characters are the first symbols. While any two
 * neighbours spell a token together, the pair whose token has the highest score is merged, the leftmost on a tie. A
 * symbol that is no token in the end is spelled in byte tokens {@code <0xXX>}, or, if one is missing, becomes the
 * unknown token; without an unknown token the missing bytes are left out. Where two tokens have the same piece, the
 * later id counts; control tokens count for no text. O(n log n) in the length of the text.
 *
 * <p>Source: Kudo and Richardson, "SentencePiece", 2018; the details follow llama.cpp ({@code llm_tokenizer_spm}),
 * which defines the file type.
 */
public final class SentencePieceTokenizer implements Tokenizer {
    private static final char SPACE = '\u2581';
    private static final String UNKNOWN_TEXT = "\u2585";
    private static final byte[] NOTHING = {};

    private final Vocabulary vocabulary;

    /** The tokens that text can become. */
    private final Map<String, Integer> ids;

    private final int[] byteIds = new int[256];
    private final byte[][] bytes;
    private final EndTokens ends;
    private final AddedTokens added;
    private final AddedTokens addedAndSpecial;

    /**
     * A tokenizer over a vocabulary.
     *
     * @param vocabulary its tables
     */
    public SentencePieceTokenizer(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        int size = vocabulary.pieces().length;
        ids = HashMap.newHashMap(size);
        bytes = new byte[size][];
        ends = new EndTokens(vocabulary.pieces(), vocabulary.types(), vocabulary.special());
        for (int id = 0; id < size; id++) {
            if (!isSpecial(id)) {
                ids.put(vocabulary.pieces()[id], id);
            }
            bytes[id] = bytes(id);
        }
        int[] types = vocabulary.types();
        added = new AddedTokens(vocabulary.pieces(), id -> types[id] == Vocabulary.USER_DEFINED && !ends.isSpelled(id));
        addedAndSpecial =
                new AddedTokens(vocabulary.pieces(), id -> types[id] == Vocabulary.USER_DEFINED || isSpecial(id));
        for (int value = 0; value < 256; value++) {
            byteIds[value] = ids.getOrDefault(String.format("<0x%02X>", value), -1);
        }
    }

    /** Whether a token is never made of text: it controls the model. */
    private boolean isSpecial(int id) {
        int type = vocabulary.types()[id];
        return type == Vocabulary.CONTROL || type == Vocabulary.UNKNOWN || ends.isSpelled(id);
    }

    private byte[] bytes(int id) {
        String piece = vocabulary.pieces()[id];
        return switch (vocabulary.types()[id]) {
            case Vocabulary.NORMAL -> piece.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
            case Vocabulary.USER_DEFINED -> piece.getBytes(StandardCharsets.UTF_8);
            case Vocabulary.UNKNOWN -> UNKNOWN_TEXT.getBytes(StandardCharsets.UTF_8);
            case Vocabulary.BYTE -> {
                if (!piece.matches("<0x[0-9A-Fa-f]{2}>")) {
                    throw new IllegalArgumentException(
                            "vocabulary: byte token " + id + " is spelled \"" + piece + "\", not <0xXX>");
                }
                yield new byte[] {(byte) Integer.parseInt(piece, 3, 5, 16)};
            }
            default -> NOTHING;
        };
    }

    /** A character as the vocabulary spells it: a space is U+2581, a lone surrogate U+FFFD. */
    static int normalized(int point) {
        if (point == ' ') {
            return SPACE;
        }
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point;
    }

    @Override
    public int[] encode(String text, boolean parseSpecial) {
        Encoding encoding = new Encoding(text);
        (parseSpecial ? addedAndSpecial : added).split(text, encoding);
        return Arrays.copyOf(encoding.result, encoding.count);
    }

    @Override
    public StreamingDecoder decoder(boolean atStart) {
        return new StreamingDecoder(this::checkedBytes, atStart && vocabulary.addsSpacePrefix());
    }

    private byte[] checkedBytes(int id) {
        check(id);
        return bytes[id];
    }

    private void check(int id) {
        if (id < 0 || id >= bytes.length) {
            throw new IllegalArgumentException("tokenizer: id " + id + " of " + bytes.length + " tokens");
        }
    }

    @Override
    public int vocabSize() {
        return bytes.length;
    }

    @Override
    public SpecialTokens special() {
        return vocabulary.special();
    }

    @Override
    public boolean isEndOfText(int id) {
        check(id);
        return ends.isEnd(id);
    }

    @Override
    public String piece(int id) {
        check(id);
        return vocabulary.pieces()[id];
    }

    /**
     * A possible merge of the symbols that begin at {@code left} and {@code right} and spell {@code length} chars
     * together.
     */
    private record Pair(int left, int right, int length, float score) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            // Not Float.compare, for which -0 is less than 0.
            return other.score == score ? Integer.compare(left, other.left) : other.score > score ? 1 : -1;
        }
    }

    /** The ids of one text so far. */
    private final class Encoding implements AddedTokens.Parts {
        private final String text;
        private int[] result = new int[64];
        private int count;
        /** Whether what comes next follows text, and so gets no space. */
        private boolean follows;

        Encoding(String text) {
            this.text = text;
        }

        @Override
        public void text(int begin, int end) {
            new Merger(text.substring(begin, end), vocabulary.addsSpacePrefix() && !follows, this).run();
            follows = true;
        }

        @Override
        public void token(int id) {
            append(id);
            follows = false;
        }

        void append(int id) {
            if (count == result.length) {
                result = Arrays.copyOf(result, 2 * count);
            }
            result[count++] = id;
        }
    }

    /** One part on its way. Symbols are named by the index of their first char; they form a linked list. */
    private final class Merger {
        private final String text;
        private final Encoding encoding;
        private final int[] length;
        private final int[] next;
        private final int[] previous;
        private final PriorityQueue<Pair> pairs = new PriorityQueue<>();

        Merger(String raw, boolean prefixed, Encoding encoding) {
            StringBuilder builder = new StringBuilder(raw.length() + 1);
            if (prefixed) {
                builder.append(SPACE);
            }
            raw.codePoints().map(SentencePieceTokenizer::normalized).forEach(builder::appendCodePoint);
            text = builder.toString();
            this.encoding = encoding;
            int chars = text.length();
            length = new int[chars];
            next = new int[chars];
            previous = new int[chars];
        }

        void run() {
            int before = -1;
            for (int i = 0; i < text.length(); i += length[i]) {
                length[i] = Character.charCount(text.codePointAt(i));
                previous[i] = before;
                next[i] = i + length[i] < text.length() ? i + length[i] : -1;
                before = i;
            }
            for (int i = 0; next[i] >= 0; i = next[i]) {
                offer(i, next[i]);
            }
            for (Pair pair = pairs.poll(); pair != null; pair = pairs.poll()) {
                merge(pair);
            }
            for (int i = 0; i >= 0; i = next[i]) {
                emit(text.substring(i, i + length[i]));
            }
        }

        private void offer(int left, int right) {
            int chars = length[left] + length[right];
            Integer id = ids.get(text.substring(left, left + chars));
            if (id != null) {
                pairs.add(new Pair(left, right, chars, vocabulary.scores()[id]));
            }
        }

        private void merge(Pair pair) {
            int left = pair.left;
            int right = pair.right;
            // A symbol that was merged away has length 0, and one that has grown makes the sum another: the pair is out
            // of date.
            if (length[left] == 0 || length[right] == 0 || length[left] + length[right] != pair.length) {
                return;
            }
            length[left] = pair.length;
            length[right] = 0;
            next[left] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = left;
                offer(left, next[left]);
            }
            if (previous[left] >= 0) {
                offer(previous[left], left);
            }
        }

        private void emit(String symbol) {
            Integer id = ids.get(symbol);
            if (id != null) {
                encoding.append(id);
                return;
            }
            byte[] spelling = symbol.getBytes(StandardCharsets.UTF_8);
            int unknownId = vocabulary.special().id(SpecialToken.UNKNOWN);
            if (unknownId >= 0 && !hasBytes(spelling)) {
                encoding.append(unknownId);
                return;
            }
            for (byte value : spelling) {
                if (byteIds[value & 0xFF] >= 0) {
                    encoding.append(byteIds[value & 0xFF]);
                }
            }
        }

        private boolean hasBytes(byte[] spelling) {
            for (byte value : spelling) {
                if (byteIds[value & 0xFF] < 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
