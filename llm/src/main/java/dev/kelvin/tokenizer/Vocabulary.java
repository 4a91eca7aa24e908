// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tables of a tokenizer of GGUF type {@code llama}, as the file holds them. The arrays are kept, not copied.
 *
 * @param pieces [V], with U+2581 for a space
 * @param scores [V]; of two possible merges the one with the higher score of its result comes first
 * @param types [V]: {@link #NORMAL} to {@link #BYTE}
 * @param special the tokens with a meaning to the engine
 * @param addsSpacePrefix whether a space is put in front of every text
 */
public record Vocabulary(String[] pieces, float[] scores, int[] types, SpecialTokens special, boolean addsSpacePrefix) {
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

    /** How the keys of a tokenizer begin in a GGUF file. */
    static final String KEY_PREFIX = "tokenizer.ggml.";

    /** Checks that the tables fit together. */
    public Vocabulary {
        if (scores.length != pieces.length || types.length != pieces.length) {
            throw new IllegalArgumentException("vocabulary: " + pieces.length + " pieces, but " + scores.length
                    + " scores and " + types.length + " types");
        }
        special.check(pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            if (pieces[id] == null || Float.isNaN(scores[id]) || types[id] < NORMAL || types[id] > BYTE) {
                throw new IllegalArgumentException("vocabulary: token " + id + " has piece " + pieces[id] + ", score "
                        + scores[id] + " and type " + types[id]);
            }
        }
    }

    /** A vocabulary of which a sequence has one end only. */
    public Vocabulary(
            String[] pieces,
            float[] scores,
            int[] types,
            int bosId,
            int eosId,
            int unknownId,
            boolean addsBos,
            boolean addsSpacePrefix) {
        this(
                pieces,
                scores,
                types,
                SpecialTokens.of(bosId, eosId, addsBos).with(SpecialToken.UNKNOWN, unknownId),
                addsSpacePrefix);
    }

    /**
     * A vocabulary in which every character is a token: ids 0 to 2 are {@code <unk>}, {@code <s>} and {@code </s>},
     * then come the text's characters in ascending order. Another character becomes {@code <unk>} (and is refused by
     * llama.cpp).
     *
     * @param text any; a lone surrogate counts as U+FFFD
     * @param addsBos whether prompts begin with {@code <s>}
     */
    public static Vocabulary ofCharacters(String text, boolean addsBos) {
        TreeMap<Integer, String> characters = new TreeMap<>();
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            int known = normalized(point);
            characters.computeIfAbsent(known, Character::toString);
            i += Character.charCount(point);
        }
        int size = 3 + characters.size();
        String[] pieces = new String[size];
        int[] types = new int[size];
        pieces[0] = "<unk>";
        types[0] = UNKNOWN;
        pieces[1] = "<s>";
        types[1] = CONTROL;
        pieces[2] = "</s>";
        types[2] = CONTROL;
        int id = 3;
        for (String piece : characters.values()) {
            pieces[id] = piece;
            types[id++] = NORMAL;
        }
        return new Vocabulary(pieces, new float[size], types, 1, 2, 0, addsBos, false);
    }

    /** A character as the vocabulary spells it: a space is U+2581, a lone surrogate U+FFFD. */
    private static int normalized(int point) {
        if (point == ' ') {
            return 0x2581;
        }
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? 0xFFFD : point;
    }

    /**
     * What a GGUF file says about this vocabulary: keys that begin with {@code tokenizer.ggml.}, in file order, with
     * values of Integer, Boolean, String, {@code int[]}, {@code float[]} and {@code String[]}.
     */
    public Map<String, Object> metadata() {
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put(KEY_PREFIX + "model", "llama");
        entries.put(KEY_PREFIX + "pre", "default");
        entries.put(KEY_PREFIX + "tokens", pieces);
        entries.put(KEY_PREFIX + "scores", scores);
        entries.put(KEY_PREFIX + "token_type", types);
        putSpecial(entries, special);
        entries.put(KEY_PREFIX + "add_space_prefix", addsSpacePrefix);
        return entries;
    }

    static void putSpecial(Map<String, Object> entries, SpecialTokens special) {
        special.ids().forEach((token, id) -> entries.put(KEY_PREFIX + token.ggufKey(), id));
        entries.put(KEY_PREFIX + "add_bos_token", special.addsBos());
    }
}
