// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.PairTable;
import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.SplitRule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Learns a byte-level vocabulary from texts. Ids 0 to 255 are the bytes; each further token joins the pair of
 * neighbouring tokens that occurs most often in the words of the texts, on a tie the pair with the lowest left id, then
 * the lowest right id; the last id is {@code <|endoftext|>}, which begins and ends a sequence. So the result is a pure
 * function of the texts' words and their counts.
 *
 * <p>Source: Sennrich et al., 2016, as {@link GgufTokenizers#bytePairs}.
 */
public final class BpeTrainer {
    /** Begins and ends a sequence. */
    private static final String END_OF_TEXT = "<|endoftext|>";

    private static final SplitRule PRE_TOKENIZER = SplitRule.GPT2;

    /** The words: their symbols, which get fewer, and how often each occurs. */
    private final List<int[]> words = new ArrayList<>();

    private final long[] wordCounts;

    private final PairTable pairs = new PairTable(1 << 12);

    /** How often each pair occurs, by its number. */
    private long[] counts = new long[1 << 12];

    /** The words in which each pair was seen, by its number, ascending; some may have lost it since. */
    private Places[] places = new Places[1 << 12];

    /** A list of words. */
    private static final class Places {
        int[] words = new int[2];
        int size;

        void add(int word) {
            if (size > 0 && words[size - 1] == word) {
                return;
            }
            if (size == words.length) {
                words = Arrays.copyOf(words, 2 * size);
            }
            words[size++] = word;
        }
    }

    private BpeTrainer(Map<String, Long> wordCounts) {
        this.wordCounts = new long[wordCounts.size()];
        wordCounts.forEach((word, count) -> {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            int[] symbols = new int[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                symbols[i] = bytes[i] & 0xFF;
            }
            this.wordCounts[words.size()] = count;
            words.add(symbols);
        });
        for (int word = 0; word < words.size(); word++) {
            int[] symbols = words.get(word);
            for (int i = 0; i + 1 < symbols.length; i++) {
                see(symbols[i], symbols[i + 1], word);
            }
        }
    }

    /**
     * Learns a vocabulary.
     *
     * @param texts the documents; no token reaches from one to the next
     * @param vocabSize the number of tokens wanted, at least 257; fewer come back if no pair occurs twice any more
     * @param addsBos whether prompts begin with {@code <|endoftext|>}: right for a model that learned from documents
     *     separated by it
     * @return the vocabulary, ready for {@link GgufTokenizers#bytePairs} and for a file
     */
    public static BpeVocabulary train(Iterable<String> texts, int vocabSize, boolean addsBos) {
        if (vocabSize < 257) {
            throw new IllegalArgumentException(
                    "bpe: vocabSize " + vocabSize + ", but 256 bytes and " + END_OF_TEXT + " need 257");
        }
        Map<String, Long> wordCounts = new LinkedHashMap<>();
        for (String raw : texts) {
            String text = Surrogates.replaced(raw);
            PRE_TOKENIZER.split(
                    new Part(text, true),
                    0,
                    text.length(),
                    (part, begin, end) -> wordCounts.merge(text.substring(begin, end), 1L, Long::sum));
        }
        return new BpeTrainer(wordCounts).learn(vocabSize - 257, addsBos);
    }

    private BpeVocabulary learn(int most, boolean addsBos) {
        List<String> pieces = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            pieces.add(String.valueOf(ByteSymbols.symbol(value)));
        }
        List<String> merges = new ArrayList<>();
        while (merges.size() < most) {
            int best = mostFrequent();
            if (best < 0) {
                break;
            }
            String left = pieces.get(pairs.left(best));
            String right = pieces.get(pairs.right(best));
            join(best, pieces.size());
            merges.add(left + " " + right);
            pieces.add(left + right);
        }
        int endId = pieces.size();
        pieces.add(END_OF_TEXT);
        int[] types = new int[pieces.size()];
        Arrays.fill(types, Vocabulary.NORMAL);
        types[endId] = Vocabulary.CONTROL;
        return new BpeVocabulary(
                pieces.toArray(String[]::new),
                types,
                merges.toArray(String[]::new),
                PRE_TOKENIZER,
                endId,
                endId,
                addsBos);
    }

    /** The pair to join next, −1 if none occurs twice. A scan: the pairs are few beside the words of a corpus. */
    private int mostFrequent() {
        int best = -1;
        long most = 1;
        for (int pair = 0; pair < pairs.size(); pair++) {
            if (counts[pair] > most || (counts[pair] == most && best >= 0 && comesBefore(pair, best))) {
                best = pair;
                most = counts[pair];
            }
        }
        return best;
    }

    private boolean comesBefore(int pair, int other) {
        int byLeft = Integer.compare(pairs.left(pair), pairs.left(other));
        return byLeft != 0 ? byLeft < 0 : pairs.right(pair) < pairs.right(other);
    }

    private void see(int left, int right, int word) {
        int pair = pairs.add(left, right);
        if (pair == counts.length) {
            counts = Arrays.copyOf(counts, 2 * pair);
            places = Arrays.copyOf(places, 2 * pair);
        }
        if (places[pair] == null) {
            places[pair] = new Places();
        }
        places[pair].add(word);
        counts[pair] += wordCounts[word];
    }

    /** Replaces a pair by a new symbol, from left to right, in every word that holds it. */
    private void join(int pair, int id) {
        int left = pairs.left(pair);
        int right = pairs.right(pair);
        Places where = places[pair];
        for (int i = 0; i < where.size; i++) {
            int word = where.words[i];
            int[] symbols = words.get(word);
            int[] joined = joined(symbols, left, right, id);
            if (joined.length == symbols.length) {
                continue;
            }
            for (int k = 0; k + 1 < symbols.length; k++) {
                counts[pairs.find(symbols[k], symbols[k + 1])] -= wordCounts[word];
            }
            for (int k = 0; k + 1 < joined.length; k++) {
                if (joined[k] == id || joined[k + 1] == id) {
                    see(joined[k], joined[k + 1], word);
                } else {
                    counts[pairs.find(joined[k], joined[k + 1])] += wordCounts[word];
                }
            }
            words.set(word, joined);
        }
        assert counts[pair] == 0 : "pair " + pair + " is left " + counts[pair] + " times";
        places[pair] = new Places();
    }

    private static int[] joined(int[] symbols, int left, int right, int id) {
        int[] joined = new int[symbols.length];
        int length = 0;
        for (int i = 0; i < symbols.length; i++) {
            if (symbols[i] == left && i + 1 < symbols.length && symbols[i + 1] == right) {
                joined[length++] = id;
                i++;
            } else {
                joined[length++] = symbols[i];
            }
        }
        return length == symbols.length ? symbols : Arrays.copyOf(joined, length);
    }
}
