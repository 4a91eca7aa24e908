// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import dev.kelvin.tokenizer.normalizer.ByteSymbols;

/**
 * How GPT-2 cuts a text, before its bytes are spelled.
 *
 * @param addsPrefixSpace whether a text that does not begin with a space gets one
 * @param splits whether GPT-2's rule cuts it
 */
public record ByteLevelSplit(boolean addsPrefixSpace, boolean splits) implements PreTokenizer {
    @Override
    public void split(Part part, int begin, int end, Words words) {
        PreTokenizer rule = splits ? WordScanner.GPT2 : NONE;
        if (addsPrefixSpace && part.text().charAt(begin) != ' ') {
            String text = " " + part.text().substring(begin, end);
            rule.split(new Part(text, part.isStart(begin)), 0, text.length(), words);
        } else {
            rule.split(part, begin, end, words);
        }
    }

    /** Spells the bytes of each word in {@link ByteSymbols}: for models that are not byte pairs. */
    public static PreTokenizer spelling() {
        return (part, begin, end, words) -> {
            String spelled = ByteSymbols.spell(part.text().substring(begin, end));
            words.accept(new Part(spelled, part.isStart(begin)), 0, spelled.length());
        };
    }
}
