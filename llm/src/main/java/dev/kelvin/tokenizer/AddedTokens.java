// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.TokenTrie;
import dev.kelvin.tokenizer.pattern.UnicodeClass;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Tokens that are cut out of a text as they stand: in one pass from left to right, at each place the longest. So do
 * Hugging Face's tokenizers ({@code added_vocabulary.rs}); llama.cpp looks for the longest in the whole text first,
 * which takes a pass for each token and cuts overlapping ones differently.
 */
final class AddedTokens {
    /** There are none. */
    static final AddedTokens NONE = new AddedTokens(List.of());

    private final TokenTrie trie = new TokenTrie();
    private final List<AddedToken> tokens;

    AddedTokens(List<AddedToken> tokens) {
        this.tokens = List.copyOf(tokens);
        // From the end: of several with one spelling, which normalization may have made of them, the first counts.
        for (int i = tokens.size() - 1; i >= 0; i--) {
            if (!tokens.get(i).text().isEmpty()) {
                trie.add(tokens.get(i).text(), i);
            }
        }
    }

    /** The longest token that is spelled at a place of a text, or null. */
    AddedToken at(String text, int index) {
        int node = trie.mayBegin(text.charAt(index)) ? trie.longest(text, index, text.length()) : 0;
        return node == 0 ? null : tokens.get(trie.id(node));
    }

    /** Hands over the parts of a text in order. */
    void split(String text, Parts parts) {
        if (!trie.isEmpty()) {
            split(text, index -> at(text, index), parts);
        } else if (!text.isEmpty()) {
            parts.text(0, text.length());
        }
    }

    /**
     * Hands over the parts of a text in order.
     *
     * @param at the token that is taken at a place, or null
     */
    static void split(String text, IntFunction<AddedToken> at, Parts parts) {
        int rest = 0;
        int i = 0;
        while (i < text.length()) {
            AddedToken token = at.apply(i);
            if (token == null) {
                i++;
                continue;
            }
            int end = i + token.text().length();
            if (!token.singleWord() || isAlone(text, i, end)) {
                int begin = token.stripsLeft() ? Math.max(rest, leftOfSpace(text, i)) : i;
                int next = token.stripsRight() ? rightOfSpace(text, end) : end;
                if (rest < begin) {
                    parts.text(rest, begin);
                }
                // One of white space may have gone with the token before; of what is left of it nothing is no token.
                if (begin < next) {
                    parts.token(token.id());
                }
                rest = next;
            }
            i = end;
        }
        if (rest < text.length()) {
            parts.text(rest, text.length());
        }
    }

    private static boolean isAlone(String text, int begin, int end) {
        return (begin == 0 || !UnicodeClass.isRustWord(text.codePointBefore(begin)))
                && (end == text.length() || !UnicodeClass.isRustWord(text.codePointAt(end)));
    }

    private static int leftOfSpace(String text, int index) {
        int i = index;
        while (i > 0 && UnicodeClass.isSpace(text.charAt(i - 1))) {
            i--;
        }
        return i;
    }

    private static int rightOfSpace(String text, int index) {
        int i = index;
        while (i < text.length() && UnicodeClass.isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Takes the parts of a text. */
    interface Parts {
        /** The chars [begin, end), at least one. */
        void text(int begin, int end);

        /** An added token. */
        void token(int id);
    }
}
