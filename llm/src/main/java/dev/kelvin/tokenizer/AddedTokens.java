// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.TokenTrie;
import dev.kelvin.tokenizer.pattern.UnicodeClass;
import java.util.List;

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
        for (int i = 0; i < tokens.size(); i++) {
            if (!tokens.get(i).text().isEmpty()) {
                trie.add(tokens.get(i).text(), i);
            }
        }
    }

    /** Hands over the parts of a text in order. */
    void split(String text, Parts parts) {
        if (trie.isEmpty()) {
            if (!text.isEmpty()) {
                parts.text(0, text.length());
            }
            return;
        }
        int rest = 0;
        int i = 0;
        while (i < text.length()) {
            int node = trie.mayBegin(text.charAt(i)) ? trie.longest(text, i, text.length()) : 0;
            if (node == 0) {
                i++;
                continue;
            }
            AddedToken token = tokens.get(trie.id(node));
            int end = i + trie.length(node);
            if (!token.singleWord() || isAlone(text, i, end)) {
                int begin = token.stripsLeft() ? Math.max(rest, leftOfSpace(text, i)) : i;
                if (rest < begin) {
                    parts.text(rest, begin);
                }
                parts.token(token.id());
                rest = token.stripsRight() ? rightOfSpace(text, end) : end;
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
