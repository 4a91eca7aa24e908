// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/**
 * The tokens of a vocabulary by their bytes. It is made once for a vocabulary and serves any number of constraints.
 * Immutable.
 *
 * <p>Besides all tokens it knows the plain ones: whole characters that a JSON string may hold as they are, by how many
 * they are. Inside a string all of them may follow, and only the rest need be looked at.
 */
public final class TokenTrie {
    private static final int MOST_PLAIN_CHARACTERS = 64;

    private final byte[][] bytes;
    private final BitSet ends;
    private final Nodes all;
    private final Nodes rest;
    /** At index n the plain tokens of at most n characters. */
    private final List<BitSet> plain;

    /**
     * The nodes of a trie, parents before children, children in the order of their bytes.
     *
     * @param labels the byte that leads to each
     * @param depths how many bytes lead to each, beginning with 1
     * @param skips the first node that is not below each
     * @param firsts where in {@code ids} the tokens of each begin; one more than there are nodes
     * @param ids of the tokens, in the order of their bytes
     */
    record Nodes(byte[] labels, short[] depths, int[] skips, int[] firsts, int[] ids) {
        int size() {
            return labels.length;
        }
    }

    private TokenTrie(byte[][] bytes, BitSet ends) {
        this.bytes = bytes;
        this.ends = ends;
        plain = new ArrayList<>(List.of(new BitSet()));
        List<Integer> others = new ArrayList<>();
        List<Integer> spelled = new ArrayList<>();
        int[] characters = new int[bytes.length];
        int longest = 0;
        for (int id = 0; id < bytes.length; id++) {
            if (bytes[id].length > 0) {
                spelled.add(id);
                characters[id] = plainCharacters(bytes[id]);
                longest = Math.max(longest, characters[id]);
                if (characters[id] == 0) {
                    others.add(id);
                }
            }
        }
        for (int n = 1; n <= longest; n++) {
            plain.add(new BitSet(bytes.length));
        }
        for (int id = 0; id < bytes.length; id++) {
            plain.get(characters[id]).set(id, characters[id] > 0);
        }
        for (int n = 1; n <= longest; n++) {
            plain.get(n).or(plain.get(n - 1));
        }
        all = nodes(spelled);
        rest = nodes(others);
    }

    /**
     * Makes the trie of a vocabulary.
     *
     * @param vocabSize how many tokens there are
     * @param bytes what each token adds to a text; nothing for control tokens
     * @param isEnd whether a token ends a text
     * @return the trie
     */
    public static TokenTrie of(int vocabSize, IntFunction<byte[]> bytes, IntPredicate isEnd) {
        byte[][] copies = new byte[vocabSize][];
        BitSet ends = new BitSet();
        for (int id = 0; id < vocabSize; id++) {
            boolean end = isEnd.test(id);
            ends.set(id, end);
            // What ends a text adds nothing to it, whatever it looks like.
            byte[] spelling = end ? new byte[0] : bytes.apply(id).clone();
            copies[id] = spelling.length > Short.MAX_VALUE ? new byte[0] : spelling;
        }
        return new TokenTrie(copies, ends);
    }

    /** The trie of a tokenizer's vocabulary. */
    public static TokenTrie of(Tokenizer tokenizer) {
        return of(tokenizer.vocabSize(), tokenizer::bytes, tokenizer::isEndOfText);
    }

    /** How many characters a token has that JSON strings hold as they are; 0 if it has anything else. */
    private static int plainCharacters(byte[] token) {
        for (byte each : token) {
            if ((each >= 0 && each < ' ') || each == '"' || each == '\\') {
                return 0;
            }
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(token))
                    .toString();
            int count = text.codePointCount(0, text.length());
            return count <= MOST_PLAIN_CHARACTERS ? count : 0;
        } catch (CharacterCodingException e) {
            return 0;
        }
    }

    private Nodes nodes(List<Integer> tokens) {
        int[] ids = tokens.stream()
                .sorted((a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        int size = 0;
        byte[] before = new byte[0];
        for (int id : ids) {
            size += bytes[id].length - common(before, bytes[id]);
            before = bytes[id];
        }
        Nodes nodes = new Nodes(new byte[size], new short[size], new int[size], new int[size + 1], ids);
        int[] path = new int[Short.MAX_VALUE + 1];
        int at = 0;
        before = new byte[0];
        for (int i = 0; i < ids.length; i++) {
            byte[] token = bytes[ids[i]];
            int common = common(before, token);
            close(path, common, before.length, at, nodes);
            for (int depth = common; depth < token.length; depth++) {
                nodes.labels()[at] = token[depth];
                nodes.depths()[at] = (short) (depth + 1);
                nodes.firsts()[at] = i;
                path[depth] = at++;
            }
            before = token;
        }
        close(path, 0, before.length, at, nodes);
        nodes.firsts()[size] = ids.length;
        return nodes;
    }

    private static void close(int[] path, int from, int to, int at, Nodes nodes) {
        for (int depth = from; depth < to; depth++) {
            nodes.skips()[path[depth]] = at;
        }
    }

    private static int common(byte[] a, byte[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    /** How many tokens there are. */
    public int vocabSize() {
        return bytes.length;
    }

    byte[] bytes(int id) {
        return bytes[id];
    }

    BitSet ends() {
        return ends;
    }

    /** All tokens. */
    Nodes all() {
        return all;
    }

    /** The tokens that are not plain. */
    Nodes rest() {
        return rest;
    }

    /** The most characters that a plain token has. */
    int longestPlain() {
        return plain.size() - 1;
    }

    /** The plain tokens of at most so many characters. */
    BitSet plain(int characters) {
        return plain.get(Math.min(characters, longestPlain()));
    }
}
