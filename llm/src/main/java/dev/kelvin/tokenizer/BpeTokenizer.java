// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Byte-level byte pair encoding: the GGUF tokenizer type {@code gpt2}.
 *
 * <p>User-defined tokens are cut out as they stand. A {@link PreTokenizer} cuts the rest into words, and the UTF-8
 * bytes of a word are its first symbols. While two neighbours are a pair of the merge table, the pair that stands first
 * in the table is joined, the leftmost on a tie. A byte without a token is left out, as there is no unknown token.
 * Where two tokens have the same piece, the later id counts; control tokens count for no text. A merge of which a part
 * or the result is no token that text can become never applies. Of two equal merges, the earlier counts. O(n log n) in
 * the length of the longest word.
 *
 * <p>Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016, on bytes as in
 * GPT-2; the details follow llama.cpp ({@code llm_tokenizer_bpe}), which defines the file type.
 */
public final class BpeTokenizer implements Tokenizer {
    private static final byte[] NOTHING = {};

    private final BpeVocabulary vocabulary;

    /** The tokens that text can become. */
    private final Map<String, Integer> ids;

    private final int[] byteIds = new int[256];
    private final byte[][] bytes;
    private final int longestPiece;
    private final EndTokens ends;
    private final AddedTokens added;
    private final AddedTokens addedAndSpecial;

    /** The rank of a pair is its number in this table. */
    private final PairTable pairs;

    /** [merges] the token that a pair becomes. */
    private final int[] merged;

    /**
     * A tokenizer over a vocabulary.
     *
     * @param vocabulary its tables
     * @throws IllegalArgumentException if the tokens do not spell a single byte
     */
    public BpeTokenizer(BpeVocabulary vocabulary) {
        this.vocabulary = vocabulary;
        int size = vocabulary.pieces().length;
        ids = HashMap.newHashMap(size);
        bytes = new byte[size][];
        ends = new EndTokens(vocabulary.pieces(), vocabulary.types(), vocabulary.special());
        int longest = 0;
        for (int id = 0; id < size; id++) {
            String piece = vocabulary.pieces()[id];
            if (!isSpecial(id)) {
                ids.put(piece, id);
            }
            longest = Math.max(longest, piece.length());
            bytes[id] = switch (vocabulary.types()[id]) {
                case Vocabulary.NORMAL, Vocabulary.BYTE -> ByteSymbols.bytes(piece);
                case Vocabulary.USER_DEFINED -> piece.getBytes(StandardCharsets.UTF_8);
                default -> NOTHING;
            };
        }
        longestPiece = longest;
        int[] types = vocabulary.types();
        added = new AddedTokens(vocabulary.pieces(), id -> types[id] == Vocabulary.USER_DEFINED && !ends.isSpelled(id));
        addedAndSpecial =
                new AddedTokens(vocabulary.pieces(), id -> types[id] == Vocabulary.USER_DEFINED || isSpecial(id));
        boolean spellsAnything = false;
        for (int value = 0; value < 256; value++) {
            byteIds[value] = ids.getOrDefault(String.valueOf(ByteSymbols.symbol(value)), -1);
            spellsAnything |= byteIds[value] >= 0;
        }
        if (!spellsAnything) {
            throw new IllegalArgumentException("vocabulary: none of its " + size + " tokens is a single byte");
        }
        String[] merges = vocabulary.merges();
        pairs = new PairTable(merges.length);
        int[] results = new int[merges.length];
        for (int rank = 0; rank < merges.length; rank++) {
            addMerge(merges[rank], results);
        }
        merged = Arrays.copyOf(results, pairs.size());
    }

    /** Whether a token is never made of text: it controls the model. */
    private boolean isSpecial(int id) {
        int type = vocabulary.types()[id];
        return type == Vocabulary.CONTROL || type == Vocabulary.UNKNOWN || ends.isSpelled(id);
    }

    private void addMerge(String merge, int[] results) {
        int cut = merge.indexOf(' ', 1);
        if (cut < 0) {
            return;
        }
        String left = merge.substring(0, cut);
        String right = merge.substring(cut + 1);
        Integer leftId = ids.get(left);
        Integer rightId = ids.get(right);
        Integer result = ids.get(left + right);
        if (leftId == null || rightId == null || result == null) {
            return;
        }
        int before = pairs.size();
        int index = pairs.add(leftId, rightId);
        if (index == before) {
            results[index] = result;
        }
    }

    /** The tables of this tokenizer. */
    public BpeVocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public int[] encode(String text, boolean parseSpecial) {
        Merger merger = new Merger(wellFormed(text));
        (parseSpecial ? addedAndSpecial : added).split(merger.text, merger);
        return Arrays.copyOf(merger.result, merger.count);
    }

    /** The text with U+FFFD for each lone surrogate, which has no bytes in UTF-8. */
    static String wellFormed(String text) {
        int i = 0;
        while (i < text.length()) {
            int point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                break;
            }
            i += Character.charCount(point);
        }
        if (i == text.length()) {
            return text;
        }
        StringBuilder sound = new StringBuilder(text.length()).append(text, 0, i);
        text.substring(i)
                .codePoints()
                .map(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point)
                .forEach(sound::appendCodePoint);
        return sound.toString();
    }

    @Override
    public StreamingDecoder decoder(boolean atStart) {
        return new StreamingDecoder(this::checkedBytes, false);
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

    /** One text on its way: the ids so far, and the symbols of the word at hand as a linked list. */
    private final class Merger implements AddedTokens.Parts {
        private final String text;
        private byte[] word = new byte[64];
        private int[] symbols = new int[64];
        private int[] next = new int[64];
        private int[] previous = new int[64];
        private final LongHeap queue = new LongHeap();
        private int[] result = new int[64];
        private int count;

        Merger(String text) {
            this.text = text;
        }

        @Override
        public void text(int begin, int end) {
            vocabulary.preTokenizer().split(text, begin, end, this::word);
        }

        @Override
        public void token(int id) {
            append(id);
        }

        private void word(int begin, int end) {
            int length = utf8(begin, end);
            if (vocabulary.preTokenizer().takesWholeWords() && length <= longestPiece) {
                Integer id = ids.get(ByteSymbols.spell(word, 0, length));
                if (id != null) {
                    append(id);
                    return;
                }
            }
            for (int i = 0; i < length; i++) {
                symbols[i] = byteIds[word[i] & 0xFF];
                next[i] = i + 1 < length ? i + 1 : -1;
                previous[i] = i - 1;
            }
            for (int i = 0; i + 1 < length; i++) {
                offer(i, i + 1);
            }
            while (!queue.isEmpty()) {
                long first = queue.poll();
                merge((int) (first >>> 32), (int) first);
            }
            for (int i = 0; i >= 0; i = next[i]) {
                if (symbols[i] >= 0) {
                    append(symbols[i]);
                }
            }
        }

        /** Fills {@link #word} with the UTF-8 bytes of [begin, end), and makes room for as many symbols. */
        private int utf8(int begin, int end) {
            if (3L * (end - begin) > word.length) {
                int room = Math.max(Math.multiplyExact(3, end - begin), 2 * word.length);
                word = new byte[room];
                symbols = new int[room];
                next = new int[room];
                previous = new int[room];
            }
            int length = 0;
            for (int i = begin; i < end; i++) {
                int point = text.charAt(i);
                if (point < 0x80) {
                    word[length++] = (byte) point;
                    continue;
                }
                if (Character.isHighSurrogate((char) point)) {
                    point = text.codePointAt(i++);
                    word[length++] = (byte) (0xF0 | point >> 18);
                    word[length++] = (byte) (0x80 | (point >> 12 & 0x3F));
                    word[length++] = (byte) (0x80 | (point >> 6 & 0x3F));
                } else if (point >= 0x800) {
                    word[length++] = (byte) (0xE0 | point >> 12);
                    word[length++] = (byte) (0x80 | (point >> 6 & 0x3F));
                } else {
                    word[length++] = (byte) (0xC0 | point >> 6);
                }
                word[length++] = (byte) (0x80 | (point & 0x3F));
            }
            return length;
        }

        private void offer(int left, int right) {
            int rank = pairs.find(symbols[left], symbols[right]);
            if (rank >= 0) {
                queue.add((long) rank << 32 | left);
            }
        }

        private void merge(int rank, int left) {
            int right = next[left];
            // Out of date: the symbol here was merged away, or it or its neighbour has grown since the offer.
            if (symbols[left] < 0 || right < 0 || pairs.find(symbols[left], symbols[right]) != rank) {
                return;
            }
            symbols[left] = merged[rank];
            symbols[right] = -1;
            next[left] = next[right];
            if (next[left] >= 0) {
                previous[next[left]] = left;
                offer(left, next[left]);
            }
            if (previous[left] >= 0) {
                offer(previous[left], left);
            }
        }

        private void append(int id) {
            if (count == result.length) {
                result = Arrays.copyOf(result, 2 * count);
            }
            result[count++] = id;
        }
    }
}
