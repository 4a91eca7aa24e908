// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import dev.kelvin.tokenizer.split.SplitRule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * Vocabularies of single characters, in the form of byte-level BPE, so that whoever reads {@code gpt2} vocabularies
 * cuts texts alike: a character of one byte is that byte's token, one of several bytes is put together by merges, byte
 * after byte. UTF-8 tells lead bytes from others, so no merge reaches over a character's end.
 */
public final class CharVocabulary {
    private static final String END_OF_TEXT = "<|endoftext|>";

    private CharVocabulary() {}

    /**
     * The characters of some texts, in the order of their bytes, the beginnings of longer ones included, and
     * {@code <|endoftext|>} as the last token, which begins and ends a sequence. What the texts lack has no token.
     *
     * @param texts the documents
     * @param addsBos whether prompts begin with {@code <|endoftext|>}
     * @return the vocabulary
     * @throws IllegalArgumentException if the texts have no character
     */
    public static BpeVocabulary of(Iterable<String> texts, boolean addsBos) {
        TreeSet<Integer> characters = new TreeSet<>();
        for (String text : texts) {
            Surrogates.replaced(text).codePoints().forEach(characters::add);
        }
        if (characters.isEmpty()) {
            throw new IllegalArgumentException("vocabulary: the texts have no character");
        }
        // UTF-8 sorts like code points, and a prefix before what it begins; a set drops what two characters share.
        TreeSet<String> bytes = new TreeSet<>();
        List<String> longer = new ArrayList<>();
        TreeSet<String> seen = new TreeSet<>();
        for (int character : characters) {
            byte[] utf8 = Character.toString(character).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < utf8.length; i++) {
                bytes.add(ByteSymbols.spell(utf8, i, i + 1));
                String prefix = ByteSymbols.spell(utf8, 0, i + 1);
                if (i > 0 && seen.add(prefix)) {
                    longer.add(prefix);
                }
            }
        }
        List<String> pieces = new ArrayList<>(bytes);
        pieces.addAll(longer);
        int endId = pieces.size();
        pieces.add(END_OF_TEXT);
        int[] types = new int[pieces.size()];
        Arrays.fill(types, Vocabulary.NORMAL);
        types[endId] = Vocabulary.CONTROL;
        String[] merges = new String[longer.size()];
        for (int i = 0; i < merges.length; i++) {
            String piece = longer.get(i);
            int cut = piece.length() - 1;
            merges[i] = piece.substring(0, cut) + " " + piece.substring(cut);
        }
        return new BpeVocabulary(pieces.toArray(String[]::new), types, merges, SplitRule.GPT2, endId, endId, addsBos);
    }
}
