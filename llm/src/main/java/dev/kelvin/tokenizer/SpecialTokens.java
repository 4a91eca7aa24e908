// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a vocabulary that mean something to an engine.
 *
 * @param ids the id of each that there is; the map is copied
 * @param addsBos whether a text begins with {@link SpecialToken#BOS} for the model
 * @param addsEos whether a whole text ends with {@link SpecialToken#EOS} for the model
 * @param suppressed ids that are never to be generated; the list is copied
 */
public record SpecialTokens(
        Map<SpecialToken, Integer> ids, boolean addsBos, boolean addsEos, List<Integer> suppressed) {
    /** There are none. */
    public static final SpecialTokens NONE = new SpecialTokens(Map.of(), false, false, List.of());

    /** Copies the tables. */
    public SpecialTokens {
        Map<SpecialToken, Integer> copy = new EnumMap<>(SpecialToken.class);
        copy.putAll(ids);
        ids = Collections.unmodifiableMap(copy);
        suppressed = List.copyOf(suppressed);
    }

    /**
     * A beginning and an end.
     *
     * @param bosId the token that begins a sequence; −1 for none
     * @param eosId the token that ends a sequence; −1 for none
     * @param addsBos whether texts begin with {@code bosId}
     */
    public static SpecialTokens of(int bosId, int eosId, boolean addsBos) {
        return new SpecialTokens(Map.of(), addsBos, false, List.of())
                .with(SpecialToken.BOS, bosId)
                .with(SpecialToken.EOS, eosId);
    }

    /**
     * These, with another id for one.
     *
     * @param token which
     * @param id its id; −1 for none
     */
    public SpecialTokens with(SpecialToken token, int id) {
        Map<SpecialToken, Integer> changed = new EnumMap<>(SpecialToken.class);
        changed.putAll(ids);
        if (id < 0) {
            changed.remove(token);
        } else {
            changed.put(token, id);
        }
        return new SpecialTokens(changed, addsBos, addsEos, suppressed);
    }

    /** The id of a token; −1 if there is none. */
    public int id(SpecialToken token) {
        return ids.getOrDefault(token, -1);
    }

    /** Refuses ids that a vocabulary of this size does not have. */
    void check(int vocabSize) {
        ids.forEach((token, id) -> {
            if (id >= vocabSize) {
                throw new IllegalArgumentException(
                        "vocabulary: the id of " + token + " is " + id + " of " + vocabSize + " tokens");
            }
        });
    }
}
