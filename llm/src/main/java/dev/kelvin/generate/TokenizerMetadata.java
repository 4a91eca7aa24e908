// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.model.Keys;
import dev.kelvin.tokenizer.SpecialToken;
import dev.kelvin.tokenizer.SpecialTokens;
import dev.kelvin.tokenizer.Vocabulary;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the {@code tokenizer.ggml.*} keys of a file say: the one place where they are read. A key that is missing has
 * the default of its type; where a file contradicts itself and a choice is made, a remark says which.
 */
final class TokenizerMetadata {
    /** A type beyond those of {@link Vocabulary}: "undefined", which is an ordinary token. */
    private static final int UNDEFINED = 0;

    private final Keys keys;
    private final Map<String, Object> values;

    TokenizerMetadata(ModelFile file, Keys keys) {
        this.keys = keys;
        values = file.metadata().asMap();
    }

    private Object value(String key) {
        return values.get("tokenizer.ggml." + key);
    }

    String[] pieces() throws ModelFormatException {
        String[] pieces = keys.strings("tokens");
        if (pieces.length == 0) {
            throw keys.refuse("tokens", "at least one token", "none");
        }
        return pieces;
    }

    /** The scores [V], integers or reals; 0 each if there are none, and only the first of too many. */
    float[] scores(int vocabSize) throws ModelFormatException {
        if (!keys.contains("scores")) {
            return new float[vocabSize];
        }
        float[] scores;
        if (value("scores") instanceof float[] || value("scores") instanceof double[]) {
            scores = keys.reals("scores");
        } else {
            int[] integers = keys.integers("scores");
            scores = new float[integers.length];
            for (int i = 0; i < integers.length; i++) {
                scores[i] = integers[i];
            }
        }
        requireLength("scores", vocabSize, scores.length);
        return Arrays.copyOf(scores, vocabSize);
    }

    /** The types [V]; all normal if there are none. */
    int[] types(int vocabSize) throws ModelFormatException {
        if (!keys.contains("token_type")) {
            int[] types = new int[vocabSize];
            Arrays.fill(types, Vocabulary.NORMAL);
            return types;
        }
        int[] types = keys.integers("token_type");
        requireLength("token_type", vocabSize, types.length);
        types = Arrays.copyOf(types, vocabSize);
        for (int id = 0; id < vocabSize; id++) {
            types[id] = types[id] == UNDEFINED ? Vocabulary.NORMAL : types[id];
        }
        return types;
    }

    /** The bytes under a key; none if there is no such key. */
    byte[] bytes(String key) throws ModelFormatException {
        if (!keys.contains(key)) {
            return new byte[0];
        }
        int[] wide = keys.integers(key);
        byte[] bytes = new byte[wide.length];
        for (int i = 0; i < wide.length; i++) {
            bytes[i] = (byte) wide[i];
        }
        return bytes;
    }

    /**
     * The special tokens: those of the file, else the defaults of its type. An id outside the vocabulary gives way to
     * the default, a default outside the vocabulary to none.
     *
     * @param defaults of the type
     */
    SpecialTokens special(int vocabSize, SpecialTokens defaults) throws ModelFormatException {
        Map<SpecialToken, Integer> ids = new EnumMap<>(SpecialToken.class);
        for (SpecialToken token : SpecialToken.values()) {
            int id = id(token.ggufKey(), vocabSize, defaults.id(token) < vocabSize ? defaults.id(token) : -1);
            if (id >= 0) {
                ids.put(token, id);
            }
        }
        boolean hasBos = ids.containsKey(SpecialToken.BOS);
        boolean addsBos = keys.flag("add_bos_token", defaults.addsBos());
        if (addsBos && keys.contains("add_bos_token") && !hasBos) {
            keys.remark("add_bos_token", "false where there is no begin-of-sequence token", "true; none is added");
        }
        boolean addsEos = keys.flag("add_eos_token", defaults.addsEos());
        return new SpecialTokens(
                ids, addsBos && hasBos, addsEos && ids.containsKey(SpecialToken.EOS), suppressed(vocabSize));
    }

    private int id(String key, int vocabSize, int otherwise) throws ModelFormatException {
        if (!keys.contains(key)) {
            return otherwise;
        }
        // Wider than Keys reads: an id beyond 31 bits is out of range like any other.
        long named = value(key) instanceof Number number ? number.longValue() : keys.integer(key);
        if (named >= 0 && named < vocabSize) {
            return (int) named;
        }
        String choice = otherwise < 0 ? "; there is none" : "; " + otherwise + " is taken, the default";
        keys.remark(key, "an id in [0, " + vocabSize + ")", named + choice);
        return otherwise;
    }

    private List<Integer> suppressed(int vocabSize) throws ModelFormatException {
        if (!keys.contains("suppress_tokens")) {
            return List.of();
        }
        return Arrays.stream(keys.integers("suppress_tokens"))
                .filter(id -> id >= 0 && id < vocabSize)
                .distinct()
                .sorted()
                .boxed()
                .toList();
    }

    private void requireLength(String key, int vocabSize, int found) throws ModelFormatException {
        String expected = vocabSize + " elements, one a token";
        if (found < vocabSize) {
            throw keys.refuse(key, expected, found + " elements");
        }
        if (found > vocabSize) {
            keys.remark(key, expected, found + " elements; the first " + vocabSize + " count");
        }
    }

    /** Builds a vocabulary or tokenizer; what it refuses is a single token, whose type, score or spelling is wrong. */
    <T> T sound(Supplier<T> builder) throws ModelFormatException {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            ModelFormatException defect = keys.refuse("tokens", "a sound vocabulary", e.getMessage());
            defect.initCause(e);
            throw defect;
        }
    }
}
