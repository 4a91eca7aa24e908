// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tokenizer.BpeTokenizer;
import dev.kelvin.tokenizer.BpeVocabulary;
import dev.kelvin.tokenizer.PreTokenizer;
import dev.kelvin.tokenizer.SentencePieceTokenizer;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.util.Arrays;
import java.util.Optional;

/** Tokenizers from the metadata of model files. */
public final class Tokenizers {
    private static final String PREFIX = "tokenizer.ggml.";

    private Tokenizers() {}

    /**
     * Builds the tokenizer that a file describes in its {@code tokenizer.ggml.*} keys. The file may be closed
     * afterwards.
     *
     * <p>{@code bos_token_id}, {@code eos_token_id}, {@code eot_token_id}, {@code eom_token_id} and
     * {@code unknown_token_id} are absent without their keys. Without theirs, {@code add_bos_token} and
     * {@code add_space_prefix} are true for type {@code llama}; for type {@code gpt2} {@code add_bos_token} is true if
     * {@code pre} is of the Llama 3 family or {@code tekken}, {@code pre} is {@code default} and {@code token_type} all
     * normal. {@code add_eos_token} is not read: a text to be continued has no end. Where the vocabulary has no BOS,
     * none is added.
     *
     * @throws ModelFormatException if the type is neither {@code llama} nor {@code gpt2}, {@code pre} is unknown, a key
     *     is missing, the lists of tokens, scores and types differ in length, a token or a merge is malformed, or a
     *     special id is outside the vocabulary
     */
    public static Tokenizer of(GgufFile file) throws ModelFormatException {
        String model = file.metadata().string(PREFIX + "model");
        return switch (model) {
            case "llama" -> sentencePiece(file);
            case "gpt2" -> bytePairs(file);
            default -> throw defect(file, "model", "a tokenizer that can be used (llama, gpt2)", model);
        };
    }

    private static Tokenizer sentencePiece(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        String[] pieces = pieces(file);
        float[] scores = metadata.reals(PREFIX + "scores");
        requireLength(file, "scores", pieces.length, scores.length);
        int[] types = types(file, pieces.length);
        int bosId = specialId(file, "bos_token_id", pieces.length);
        int eosId = specialId(file, "eos_token_id", pieces.length);
        int eotId = specialId(file, "eot_token_id", pieces.length);
        int eomId = specialId(file, "eom_token_id", pieces.length);
        int unknownId = specialId(file, "unknown_token_id", pieces.length);
        boolean addsBos = metadata.flag(PREFIX + "add_bos_token", true) && bosId >= 0;
        boolean addsSpacePrefix = metadata.flag(PREFIX + "add_space_prefix", true);
        try {
            return new SentencePieceTokenizer(new Vocabulary(
                    pieces, scores, types, bosId, eosId, eotId, eomId, unknownId, addsBos, addsSpacePrefix));
        } catch (IllegalArgumentException e) {
            throw unsound(file, e);
        }
    }

    private static Tokenizer bytePairs(GgufFile file) throws ModelFormatException {
        GgufMetadata metadata = file.metadata();
        String pre = metadata.string(PREFIX + "pre", PreTokenizer.DEFAULT.ggufName());
        Optional<PreTokenizer> preTokenizer = PreTokenizer.named(pre);
        if (preTokenizer.isEmpty()) {
            throw defect(file, "pre", "a pre-tokenizer that can be used (such as gpt-2, llama-bpe, qwen2)", pre);
        }
        String[] pieces = pieces(file);
        int[] types = new int[pieces.length];
        Arrays.fill(types, Vocabulary.NORMAL);
        if (metadata.contains(PREFIX + "token_type")) {
            types = types(file, pieces.length);
        }
        String[] merges = metadata.strings(PREFIX + "merges");
        int bosId = specialId(file, "bos_token_id", pieces.length);
        int eosId = specialId(file, "eos_token_id", pieces.length);
        int eotId = specialId(file, "eot_token_id", pieces.length);
        int eomId = specialId(file, "eom_token_id", pieces.length);
        boolean usual = preTokenizer.get() == PreTokenizer.LLAMA3 || preTokenizer.get() == PreTokenizer.TEKKEN;
        boolean addsBos = metadata.flag(PREFIX + "add_bos_token", usual) && bosId >= 0;
        try {
            return new BpeTokenizer(
                    new BpeVocabulary(pieces, types, merges, preTokenizer.get(), bosId, eosId, eotId, eomId, addsBos));
        } catch (IllegalArgumentException e) {
            throw unsound(file, e);
        }
    }

    private static String[] pieces(GgufFile file) throws ModelFormatException {
        String[] pieces = file.metadata().strings(PREFIX + "tokens");
        if (pieces.length == 0) {
            throw defect(file, "tokens", "at least one token", "none");
        }
        return pieces;
    }

    private static int[] types(GgufFile file, int vocabSize) throws ModelFormatException {
        int[] types = file.metadata().integers(PREFIX + "token_type");
        requireLength(file, "token_type", vocabSize, types.length);
        return types;
    }

    /** A single token or merge is wrong: its type, its score, its spelling. The message says which. */
    private static ModelFormatException unsound(GgufFile file, IllegalArgumentException cause) {
        ModelFormatException defect = defect(file, "tokens", "a sound vocabulary", cause.getMessage());
        defect.initCause(cause);
        return defect;
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
