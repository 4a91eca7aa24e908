// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * The tokens of a vocabulary, and which of them text can become.
 *
 * @param pieces [V] their spellings; null where there is no token
 * @param types [V]: {@link Vocabulary#NORMAL} to {@link Vocabulary#BYTE}
 * @param special those with a meaning to the engine
 */
record TokenTable(String[] pieces, int[] types, SpecialTokens special) {
    /** Checks that the tables fit together. */
    TokenTable {
        if (types.length != pieces.length) {
            throw new IllegalArgumentException(
                    "vocabulary: " + pieces.length + " pieces, but " + types.length + " types");
        }
        special.check(pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            if (types[id] < Vocabulary.NORMAL || types[id] > Vocabulary.BYTE) {
                throw new IllegalArgumentException(
                        "vocabulary: token " + id + " has piece " + pieces[id] + " and type " + types[id]);
            }
        }
    }

    EndTokens ends() {
        return new EndTokens(pieces, types, special);
    }

    /** Whether a token is never made of text: it controls the model. */
    private boolean isControl(int id, EndTokens ends) {
        return types[id] == Vocabulary.CONTROL || types[id] == Vocabulary.UNKNOWN || ends.isSpelled(id);
    }

    /** The tokens that text can become, by their spelling; the later of two equal ones counts. */
    Map<String, Integer> textIds(EndTokens ends) {
        Map<String, Integer> ids = HashMap.newHashMap(pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            if (pieces[id] != null && !isControl(id, ends)) {
                ids.put(pieces[id], id);
            }
        }
        return ids;
    }

    /**
     * The tokens that are cut out of a text as they stand: the user-defined ones, and where asked for control tokens.
     */
    Pipeline.Tokens added(EndTokens ends, IntPredicate stripsLeft, IntPredicate stripsRight) {
        List<AddedToken> plain = new ArrayList<>();
        List<AddedToken> all = new ArrayList<>();
        for (int id = 0; id < pieces.length; id++) {
            boolean control = isControl(id, ends);
            if (control || types[id] == Vocabulary.USER_DEFINED) {
                AddedToken token = new AddedToken(pieces[id], id, false, stripsLeft.test(id), stripsRight.test(id));
                all.add(token);
                if (!control) {
                    plain.add(token);
                }
            }
        }
        return new Pipeline.Tokens(plain, all);
    }

    /** The bytes of each token [V] as text: those of ordinary ones by a rule, user-defined ones as they stand. */
    byte[][] bytes(TextOf textOf) {
        byte[][] bytes = new byte[pieces.length][];
        for (int id = 0; id < pieces.length; id++) {
            bytes[id] = switch (types[id]) {
                case Vocabulary.USER_DEFINED -> pieces[id].getBytes(StandardCharsets.UTF_8);
                case Vocabulary.CONTROL, Vocabulary.UNUSED -> new byte[0];
                default -> textOf.bytes(types[id], pieces[id], id);
            };
        }
        return bytes;
    }

    /** The bytes that a token of a type stands for. */
    interface TextOf {
        byte[] bytes(int type, String piece, int id);
    }
}
