// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

/**
 * The tables of a tokenizer of GGUF type {@code llama}, as the file holds them. The arrays are kept, not copied.
 *
 * @param pieces [V], with U+2581 for a space
 * @param scores [V]; of two possible merges the one with the higher score of its result comes first
 * @param types [V]: {@link #NORMAL} to {@link #BYTE}
 * @param bosId the token that begins a sequence; −1 for none
 * @param eosId the token that ends a sequence; −1 for none
 * @param unknownId the token for what has no other; −1 for none
 * @param addsBos whether prompts begin with {@code bosId}
 * @param addsSpacePrefix whether a space is put in front of every text
 */
public record Vocabulary(
        String[] pieces,
        float[] scores,
        int[] types,
        int bosId,
        int eosId,
        int unknownId,
        boolean addsBos,
        boolean addsSpacePrefix) {
    /** A piece of text. */
    public static final int NORMAL = 1;

    /** The token for what has no other. */
    public static final int UNKNOWN = 2;

    /** A token without text, such as the beginning of a sequence. */
    public static final int CONTROL = 3;

    /** A piece that a user added. */
    public static final int USER_DEFINED = 4;

    /** A number without meaning. */
    public static final int UNUSED = 5;

    /** A single byte, spelled {@code <0xXX>}. */
    public static final int BYTE = 6;

    /** Checks that the tables fit together. */
    public Vocabulary {
        if (scores.length != pieces.length || types.length != pieces.length) {
            throw new IllegalArgumentException("vocabulary: " + pieces.length + " pieces, but " + scores.length
                    + " scores and " + types.length + " types");
        }
        check("bosId", bosId, pieces.length);
        check("eosId", eosId, pieces.length);
        check("unknownId", unknownId, pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            if (pieces[id] == null || Float.isNaN(scores[id]) || types[id] < NORMAL || types[id] > BYTE) {
                throw new IllegalArgumentException("vocabulary: token " + id + " has piece " + pieces[id] + ", score "
                        + scores[id] + " and type " + types[id]);
            }
        }
    }

    private static void check(String name, int id, int size) {
        if (id < -1 || id >= size) {
            throw new IllegalArgumentException("vocabulary: " + name + " " + id + " of " + size + " tokens");
        }
    }
}
