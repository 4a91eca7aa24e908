// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tokenizer.SentencePieceTokenizer;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;

/** Tokenizers from the metadata of model files. */
public final class Tokenizers {
    private static final String PREFIX = "tokenizer.ggml.";

    private Tokenizers() {}

    /**
     * Builds the tokenizer that a file describes in its {@code tokenizer.ggml.*} keys. The file may be closed
     * afterwards.
     *
     * <p>{@code bos_token_id}, {@code eos_token_id} and {@code unknown_token_id} are absent without their keys;
     * {@code add_bos_token} and {@code add_space_prefix} are true without theirs. Where the vocabulary has no BOS, none
     * is added.
     *
     * @throws ModelFormatException if the type is not {@code llama}, a key is missing, the lists of tokens, scores and
     *     types differ in length, a token is malformed, or a special id is outside the vocabulary
     */
    public static Tokenizer of(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        String model = metadata.string(PREFIX + "model");
        if (!model.equals("llama")) {
            throw defect(file, "model", "a tokenizer that can be used (llama)", model);
        }
        String[] pieces = metadata.strings(PREFIX + "tokens");
        if (pieces.length == 0) {
            throw defect(file, "tokens", "at least one token", "none");
        }
        float[] scores = metadata.reals(PREFIX + "scores");
        requireLength(file, "scores", pieces.length, scores.length);
        int[] types = metadata.integers(PREFIX + "token_type");
        requireLength(file, "token_type", pieces.length, types.length);
        int bosId = specialId(file, "bos_token_id", pieces.length);
        int eosId = specialId(file, "eos_token_id", pieces.length);
        int unknownId = specialId(file, "unknown_token_id", pieces.length);
        boolean addsBos = metadata.flag(PREFIX + "add_bos_token", true) && bosId >= 0;
        boolean addsSpacePrefix = metadata.flag(PREFIX + "add_space_prefix", true);
        try {
            return new SentencePieceTokenizer(
                    new Vocabulary(pieces, scores, types, bosId, eosId, unknownId, addsBos, addsSpacePrefix));
        } catch (IllegalArgumentException e) {
            // A single token is wrong: its type, its score, or the spelling of a byte. The message says which.
            ModelFormatException defect = defect(file, "tokens", "a sound vocabulary", e.getMessage());
            defect.initCause(e);
            throw defect;
        }
    }

    /**
     * The ids of a prompt: BOS if the tokenizer adds it or the text has no tokens, then the text.
     *
     * @throws IllegalArgumentException if the text has no tokens and the vocabulary no BOS to start from
     */
    public static int[] promptIds(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text);
        if (!tokenizer.addsBos() && ids.length > 0) {
            return ids;
        }
        if (tokenizer.bosId() < 0) {
            throw new IllegalArgumentException(
                    "generate: the prompt is empty, and the vocabulary has no BOS token to start from");
        }
        int[] prompt = new int[ids.length + 1];
        prompt[0] = tokenizer.bosId();
        System.arraycopy(ids, 0, prompt, 1, ids.length);
        return prompt;
    }

    private static int specialId(GgufFile file, String key, int vocabSize) throws ModelFormatException {
        if (!file.metadata().contains(PREFIX + key)) {
            return -1;
        }
        int id = file.metadata().integer(PREFIX + key);
        if (id < 0 || id >= vocabSize) {
            throw defect(file, key, "an id in [0, " + vocabSize + ")", Integer.toString(id));
        }
        return id;
    }

    private static void requireLength(GgufFile file, String key, int expected, int found) throws ModelFormatException {
        if (found != expected) {
            throw defect(file, key, expected + " elements, one a token", found + " elements");
        }
    }

    private static ModelFormatException defect(GgufFile file, String key, String expected, String found) {
        return new ModelFormatException(file.path(), "key " + PREFIX + key, -1, expected, found);
    }
}
