// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.function.IntPredicate;

/**
 * Tokens that are cut out of a text as they stand, before anything else is done with it: in one pass from left to
 * right, at each place the longest. So do Hugging Face's tokenizers ({@code added_vocabulary.rs}); llama.cpp looks for
 * the longest in the whole text first, which takes a pass for each token and cuts overlapping ones differently.
 */
final class AddedTokens {
    private final TokenTrie trie = new TokenTrie();

    /** The tokens with a piece and of a certain kind, of pieces [V]. */
    AddedTokens(String[] pieces, IntPredicate chosen) {
        for (int id = 0; id < pieces.length; id++) {
            if (!pieces[id].isEmpty() && chosen.test(id)) {
                trie.add(pieces[id], id);
            }
        }
    }

    /** Hands over the parts of a text in order. */
    void split(String text, Parts parts) {
        int rest = 0;
        int i = 0;
        while (i < text.length()) {
            int node = trie.mayBegin(text.charAt(i)) ? trie.longest(text, i, text.length()) : 0;
            if (node == 0) {
                i++;
                continue;
            }
            if (rest < i) {
                parts.text(rest, i);
            }
            parts.token(trie.id(node));
            i += trie.length(node);
            rest = i;
        }
        if (rest < text.length()) {
            parts.text(rest, text.length());
        }
    }

    /** Takes the parts of a text. */
    interface Parts {
        /** The chars [begin, end), at least one. */
        void text(int begin, int end);

        /** An added token. */
        void token(int id);
    }
}
