// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A byte-level vocabulary of any size: the tokens of a real one, then two of them in a row, drawn at random, until it
 * is large enough. So it has the real one's letters, signs and cut characters, and longer pieces besides.
 *
 * @param trie of its tokens; token 0 ends a text
 * @param closing the tokens that bring a JSON text to its end, token 0 among them
 */
record WordVocabulary(TokenTrie trie, BitSet closing) {
    private static final Set<String> CLOSING = Set.of("\"", "}", "]", "\"}", "\"]", "\",", ",");

    /**
     * Makes such a vocabulary.
     *
     * @param file a {@code tokenizer.json} of a byte-level tokenizer with fewer tokens than {@code size}
     * @param size V
     * @return the vocabulary
     * @throws IOException if the file cannot be read
     */
    static WordVocabulary of(Path file, int size) throws IOException {
        Tokenizer tokenizer = TokenizerJson.read(file);
        List<byte[]> tokens = new ArrayList<>(List.of(new byte[0]));
        Set<String> seen = new HashSet<>();
        for (int id = 0; id < tokenizer.vocabSize() && tokens.size() < size; id++) {
            add(tokenizer.bytes(id), tokens, seen);
        }
        int real = tokens.size();
        SplittableRandom random = new SplittableRandom(1);
        while (tokens.size() < size) {
            byte[] first = tokens.get(1 + random.nextInt(real - 1));
            byte[] second = tokens.get(1 + random.nextInt(real - 1));
            byte[] both = Arrays.copyOf(first, first.length + second.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            add(both, tokens, seen);
        }
        BitSet closing = new BitSet();
        for (int id = 0; id < size; id++) {
            closing.set(id, id == 0 || CLOSING.contains(new String(tokens.get(id), ISO_8859_1)));
        }
        return new WordVocabulary(TokenTrie.of(size, tokens::get, id -> id == 0), closing);
    }

    private static void add(byte[] token, List<byte[]> tokens, Set<String> seen) {
        if (token.length > 0 && seen.add(new String(token, ISO_8859_1))) {
            tokens.add(token);
        }
    }
}
