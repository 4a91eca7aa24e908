// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import dev.kelvin.tokenizer.model.BytePairOptions.WholeWords;
import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.Words;
import java.util.Map;

/**
 * Byte-pair encoding: the symbols of a word merge pair by pair, the most urgent first, the leftmost on a tie.
 *
 * <p>Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016.
 */
public final class PairModel implements TokenModel {
    private final Merges merges;
    private final Alphabet alphabet;
    private final int tokens;
    private final WordCache cache = new WordCache();

    /** Null where words are not looked up before they are merged. */
    private final Map<String, Integer> wholeWords;

    private final WholeWords takes;
    private final boolean byteLevel;

    /** Null where words are short anyway. */
    private final Seams seams;

    /** The unknown token if neighbours of it are one; −1 otherwise. */
    private final int fused;

    private PairModel(
            Merges merges, Alphabet alphabet, Map<String, Integer> ids, BytePairOptions options, Seams seams) {
        this.merges = merges;
        this.alphabet = alphabet;
        this.seams = seams;
        tokens = ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
        wholeWords = options.takes() == WholeWords.NONE ? null : ids;
        takes = options.takes();
        byteLevel = options.byteLevel();
        fused = options.fusesUnknown() ? options.unknownId() : -1;
    }

    /**
     * A model whose merges are listed.
     *
     * @param ids the tokens that text can become, by their spelling
     * @param merges whose symbols are ids of {@code ids}
     * @param options how words are spelled
     */
    public static PairModel ranked(Map<String, Integer> ids, MergeTable merges, BytePairOptions options) {
        if (options.byteLevel()) {
            int[] byteIds = new int[256];
            for (int value = 0; value < byteIds.length; value++) {
                byteIds[value] = ids.getOrDefault(String.valueOf(ByteSymbols.symbol(value)), -1);
            }
            return new PairModel(merges, new ByteAlphabet(byteIds), ids, options, null);
        }
        CharacterAlphabet alphabet = new CharacterAlphabet(options, ids);
        boolean whole = alphabet.leavesOut()
                || options.takes() == WholeWords.ALL
                || !options.continuingPrefix().isEmpty()
                || !options.endSuffix().isEmpty();
        return new PairModel(merges, alphabet, ids, options, whole ? null : seams(ids));
    }

    /**
     * A model in which any two neighbours merge that spell a token together, the one with the highest score first.
     *
     * @param ids the tokens that text can become, by their spelling
     * @param scores [V]
     * @param unknownId the token for what has no other; −1 for none
     */
    public static PairModel scored(Map<String, Integer> ids, float[] scores, int unknownId) {
        ScoredPairs pairs = new ScoredPairs(ids, scores, unknownId);
        BytePairOptions options = new BytePairOptions(false, true, unknownId, false, "", "", WholeWords.NONE);
        return new PairModel(pairs, pairs, ids, options, seams(ids));
    }

    private static Seams seams(Map<String, Integer> ids) {
        Seams seams = new Seams();
        ids.keySet().forEach(seams::add);
        return seams;
    }

    @Override
    public Words encoder(IdList ids) {
        Encoder encoder = new Encoder(ids);
        Words remembered = cache.encoder(ids, encoder);
        return seams == null ? remembered : (part, begin, end) -> cutAtSeams(part, begin, end, ids, remembered);
    }

    private void cutAtSeams(Part part, int begin, int end, IdList ids, Words words) {
        int wordBegin = ids.size();
        int from = begin;
        for (int i = begin + 1; i <= end; i++) {
            if (i == end || seams.isSeam(part.text(), i)) {
                int before = ids.size();
                words.accept(part, from, i);
                from = i;
                if (fused >= 0
                        && before > wordBegin
                        && before < ids.size()
                        && ids.get(before) == fused
                        && ids.get(before - 1) == fused) {
                    ids.remove(before);
                }
            }
        }
    }

    /** The words of one text. */
    private final class Encoder implements Words {
        private static final int USUAL = 1 << 12;

        private final IdList ids;
        private final PairMerger merger = new PairMerger(merges);
        private int[] symbols = new int[64];

        Encoder(IdList ids) {
            this.ids = ids;
        }

        @Override
        public void accept(Part part, int begin, int end) {
            Integer whole = wholeWords == null ? null : wholeWord(part.text(), begin, end);
            if (whole != null) {
                ids.add(whole);
                return;
            }
            symbols = PairMerger.room(symbols, alphabet.mostSymbols(part.text(), begin, end));
            int count = merger.merge(symbols, alphabet.spell(part.text(), begin, end, symbols));
            for (int i = 0; i < count; i++) {
                if (symbols[i] >= 0 && symbols[i] < tokens) {
                    ids.add(symbols[i]);
                } else {
                    alphabet.spellOut(symbols[i], ids);
                }
            }
            if (symbols.length > USUAL) {
                symbols = new int[64];
                merger.trim();
            }
        }

        private Integer wholeWord(String text, int begin, int end) {
            String word = text.substring(begin, end);
            if (takes == WholeWords.LINE_FEEDS && !word.chars().allMatch(c -> c == '\n')) {
                return null;
            }
            return wholeWords.get(byteLevel ? ByteSymbols.spell(word) : word);
        }
    }
}
