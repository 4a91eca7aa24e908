// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tokenizer.SpecialToken;
import dev.kelvin.tokenizer.SpecialTokens;
import dev.kelvin.tokenizer.Vocabulary;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the {@code tokenizer.ggml.*} keys of a file say: the one place where they are read. A key that is missing has
 * the default of its type; where a file contradicts itself and a choice is made, a note says which.
 */
final class TokenizerMetadata {
    static final String PREFIX = "tokenizer.ggml.";

    /** Types beyond those of {@link Vocabulary}: "undefined", which is an ordinary token. */
    private static final int UNDEFINED = 0;

    private final ModelFile file;
    private final GgufMetadata metadata;
    private final Consumer<String> notes;

    TokenizerMetadata(ModelFile file, Consumer<String> notes) {
        this.file = file;
        this.metadata = file.metadata();
        this.notes = notes;
    }

    boolean contains(String key) {
        return metadata.contains(PREFIX + key);
    }

    String string(String key) throws ModelFormatException {
        return metadata.string(PREFIX + key);
    }

    boolean flag(String key, boolean otherwise) throws ModelFormatException {
        return metadata.flag(PREFIX + key, otherwise);
    }

    String[] merges() throws ModelFormatException {
        return metadata.strings(PREFIX + "merges");
    }

    String[] pieces() throws ModelFormatException {
        String[] pieces = metadata.strings(PREFIX + "tokens");
        if (pieces.length == 0) {
            throw defect("tokens", "at least one token", "none");
        }
        return pieces;
    }

    /** The scores [V], integers or reals; 0 each if there are none, and only the first of too many. */
    float[] scores(int vocabSize) throws ModelFormatException {
        String key = PREFIX + "scores";
        if (!contains("scores")) {
            return new float[vocabSize];
        }
        Object array = metadata.asMap().get(key);
        float[] scores;
        if (array instanceof float[] || array instanceof double[]) {
            scores = metadata.reals(key);
        } else {
            int[] integers = metadata.integers(key);
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
        if (!contains("token_type")) {
            int[] types = new int[vocabSize];
            Arrays.fill(types, Vocabulary.NORMAL);
            return types;
        }
        int[] types = metadata.integers(PREFIX + "token_type");
        requireLength("token_type", vocabSize, types.length);
        types = Arrays.copyOf(types, vocabSize);
        for (int id = 0; id < vocabSize; id++) {
            types[id] = types[id] == UNDEFINED ? Vocabulary.NORMAL : types[id];
        }
        return types;
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
            int id = defaults.id(token) < vocabSize ? defaults.id(token) : -1;
            if (contains(token.ggufKey())) {
                long named = metadata.longInteger(PREFIX + token.ggufKey());
                if (named >= 0 && named < vocabSize) {
                    id = (int) named;
                } else {
                    note(
                            token.ggufKey(),
                            named + " is outside the vocabulary [0, " + vocabSize + "); "
                                    + (id < 0 ? "there is none" : id + " is taken, the default"));
                }
            }
            if (id >= 0) {
                ids.put(token, id);
            }
        }
        boolean addsBos = flag("add_bos_token", defaults.addsBos());
        if (addsBos && contains("add_bos_token") && !ids.containsKey(SpecialToken.BOS)) {
            note("add_bos_token", "true, but the vocabulary has no begin-of-sequence token; none is added");
        }
        boolean addsEos = flag("add_eos_token", defaults.addsEos());
        return new SpecialTokens(
                ids,
                addsBos && ids.containsKey(SpecialToken.BOS),
                addsEos && ids.containsKey(SpecialToken.EOS),
                suppressed(vocabSize));
    }

    private List<Integer> suppressed(int vocabSize) throws ModelFormatException {
        if (!contains("suppress_tokens")) {
            return List.of();
        }
        return Arrays.stream(metadata.integers(PREFIX + "suppress_tokens"))
                .filter(id -> id >= 0 && id < vocabSize)
                .distinct()
                .sorted()
                .boxed()
                .toList();
    }

    private void requireLength(String key, int vocabSize, int found) throws ModelFormatException {
        if (found < vocabSize) {
            throw defect(key, vocabSize + " elements, one a token", found + " elements");
        }
        if (found > vocabSize) {
            note(key, found + " elements for " + vocabSize + " tokens; the first " + vocabSize + " count");
        }
    }

    /** Tells of a choice that was made. */
    void note(String key, String choice) {
        notes.accept(file.path() + ": " + PREFIX + key + ": " + choice);
    }

    ModelFormatException defect(String key, String expected, String found) {
        return new ModelFormatException(file.path(), "key " + PREFIX + key, -1, expected, found);
    }

    /** A single token is wrong: its type, its score, its spelling. The message says which. */
    ModelFormatException unsound(IllegalArgumentException cause) {
        ModelFormatException defect = defect("tokens", "a sound vocabulary", cause.getMessage());
        defect.initCause(cause);
        return defect;
    }
}
