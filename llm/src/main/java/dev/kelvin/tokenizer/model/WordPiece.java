// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.Words;
import java.util.Map;

/**
 * Cuts a word from left to right, always the longest token. A word with a rest that no token begins is unknown as a
 * whole, and so is one of too many characters.
 *
 * <p>Source: Schuster and Nakajima, "Japanese and Korean Voice Search", 2012, as in BERT.
 */
public final class WordPiece implements TokenModel {
    private final TokenTrie beginnings = new TokenTrie();
    private final TokenTrie continuations;
    private final String mark;
    private final int unknownId;
    private final int mostCharacters;
    private final WordCache cache = new WordCache();

    private WordPiece(Map<String, Integer> ids, String prefix, String mark, int unknownId, int mostCharacters) {
        this.mark = mark;
        this.unknownId = unknownId;
        this.mostCharacters = mostCharacters;
        continuations = prefix.isEmpty() ? beginnings : new TokenTrie();
        ids.forEach((piece, id) -> {
            if (!piece.isEmpty()) {
                beginnings.add(piece, id);
            }
            if (!prefix.isEmpty() && piece.startsWith(prefix) && piece.length() > prefix.length()) {
                continuations.add(piece.substring(prefix.length()), id);
            }
        });
    }

    /**
     * A model whose tokens within words have a prefix.
     *
     * @param ids the tokens that text can become, by their spelling
     * @param prefix such as {@code ##}
     * @param unknownId −1 for none: what is unknown is left out then
     * @param mostCharacters of a word that is looked at
     */
    public static WordPiece continued(Map<String, Integer> ids, String prefix, int unknownId, int mostCharacters) {
        return new WordPiece(ids, prefix, "", unknownId, mostCharacters);
    }

    /**
     * A model whose tokens at the beginning of a word have a mark.
     *
     * @param ids the tokens that text can become, by their spelling
     * @param mark such as U+2581
     * @param unknownId −1 for none: what is unknown is left out then
     */
    public static WordPiece marked(Map<String, Integer> ids, String mark, int unknownId) {
        return new WordPiece(ids, "", mark, unknownId, Integer.MAX_VALUE);
    }

    @Override
    public Words encoder(IdList ids) {
        return cache.encoder(ids, (part, begin, end) -> encode(part, begin, end, ids));
    }

    private void encode(Part part, int begin, int end, IdList ids) {
        String text = mark.isEmpty() ? part.text() : mark.concat(part.text().substring(begin, end));
        int from = mark.isEmpty() ? begin : 0;
        int to = mark.isEmpty() ? end : text.length();
        int before = ids.size();
        boolean known = end - begin <= mostCharacters || text.codePointCount(from, to) <= mostCharacters;
        for (int at = from; known && at < to; ) {
            TokenTrie trie = at == from ? beginnings : continuations;
            int node = trie.longest(text, at, to);
            known = node > 0;
            if (known) {
                ids.add(trie.id(node));
                at += trie.length(node);
            }
        }
        if (!known) {
            ids.truncate(before);
            if (unknownId >= 0) {
                ids.add(unknownId);
            }
        }
    }
}
