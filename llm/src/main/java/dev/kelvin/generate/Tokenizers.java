// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.tokenizer.BpeVocabulary;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.SpecialToken;
import dev.kelvin.tokenizer.SpecialTokens;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import dev.kelvin.tokenizer.split.SplitRule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Tokenizers from the metadata of model files. */
public final class Tokenizers {
    private static final SpecialTokens LLAMA_DEFAULTS =
            SpecialTokens.of(1, 2, true).with(SpecialToken.UNKNOWN, 0);

    /** Those of Falcon, which was the first of its type. */
    private static final SpecialTokens GPT2_DEFAULTS = SpecialTokens.of(11, 11, false);

    private Tokenizers() {}

    /** {@link #of(GgufFile, Consumer)} without the notes. */
    public static Tokenizer of(GgufFile file) throws ModelFormatException {
        return of(file, note -> {});
    }

    /**
     * Builds the tokenizer that a file describes in its {@code tokenizer.ggml.*} keys. The file may be closed
     * afterwards.
     *
     * <p>What the file leaves open is as in llama.cpp. Without their keys, {@code scores} are 0 and {@code token_type}
     * normal; the ids of BOS, EOS and the unknown token are 1, 2 and 0 for type {@code llama}, for {@code gpt2} 11, 11
     * and none, as far as the vocabulary has them, and there are no others; {@code add_bos_token} and
     * {@code add_space_prefix} are true for {@code llama}; for {@code gpt2} {@code add_bos_token} is true if
     * {@code pre} is of the Llama 3 family or {@code tekken}, and {@code pre} is {@code default}, with a note. Where
     * the vocabulary has no BOS, none is added.
     *
     * @param file an open file
     * @param notes receives a sentence for each choice made where the file contradicts itself or leaves out what it
     *     should not
     * @throws ModelFormatException if the type is neither {@code llama} nor {@code gpt2}, {@code pre} is unknown, a key
     *     is missing that has no default, there are fewer scores or types than tokens, or a token is malformed
     */
    public static Tokenizer of(GgufFile file, Consumer<String> notes) throws ModelFormatException {
        TokenizerMetadata metadata = new TokenizerMetadata(file, notes);
        String model = metadata.string("model");
        return switch (model) {
            case "llama" -> sentencePiece(metadata);
            case "gpt2" -> bytePairs(metadata);
            default -> throw metadata.defect("model", "a tokenizer that can be used (llama, gpt2)", model);
        };
    }

    private static Tokenizer sentencePiece(TokenizerMetadata metadata) throws ModelFormatException {
        String[] pieces = metadata.pieces();
        float[] scores = metadata.scores(pieces.length);
        int[] types = metadata.types(pieces.length);
        SpecialTokens special = metadata.special(pieces.length, LLAMA_DEFAULTS);
        boolean addsSpacePrefix = metadata.flag("add_space_prefix", true);
        try {
            return GgufTokenizers.sentencePieces(new Vocabulary(pieces, scores, types, special, addsSpacePrefix));
        } catch (IllegalArgumentException e) {
            throw metadata.unsound(e);
        }
    }

    private static Tokenizer bytePairs(TokenizerMetadata metadata) throws ModelFormatException {
        SplitRule preTokenizer = preTokenizer(metadata);
        String[] pieces = metadata.pieces();
        int[] types = metadata.types(pieces.length);
        String[] merges = metadata.merges();
        SpecialTokens defaults = new SpecialTokens(GPT2_DEFAULTS.ids(), preTokenizer.addsBos(), false, List.of());
        SpecialTokens special = metadata.special(pieces.length, defaults);
        try {
            return GgufTokenizers.bytePairs(new BpeVocabulary(pieces, types, merges, preTokenizer, special));
        } catch (IllegalArgumentException e) {
            throw metadata.unsound(e);
        }
    }

    private static SplitRule preTokenizer(TokenizerMetadata metadata) throws ModelFormatException {
        if (!metadata.contains("pre")) {
            metadata.note("pre", "missing; texts are cut by the default rule, which may not be the model's");
            return SplitRule.DEFAULT;
        }
        String pre = metadata.string("pre");
        return SplitRule.named(pre)
                .orElseThrow(() -> metadata.defect(
                        "pre", "a pre-tokenizer that can be used (" + String.join(", ", SplitRule.names()) + ")", pre));
    }

    /** {@link #promptIds(Tokenizer, String, boolean)} of a text in which no control token is looked for. */
    public static int[] promptIds(Tokenizer tokenizer, String text) {
        return promptIds(tokenizer, text, false);
    }

    /**
     * The ids of a prompt: BOS if the tokenizer adds it or the text has no tokens, then the text.
     *
     * @param parseSpecial whether text that spells a control token becomes that token
     * @throws IllegalArgumentException if the text has no tokens and the vocabulary no BOS to start from
     */
    public static int[] promptIds(Tokenizer tokenizer, String text, boolean parseSpecial) {
        int[] ids = tokenizer.encode(text, parseSpecial);
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

    /**
     * A chain that picks for a model of this vocabulary: its suppressed tokens are banned before the first stage.
     *
     * @param tokenizer knows the tokens that are never to be generated
     * @param samplers the stages, first to last
     */
    public static SamplerChain samplerChain(Tokenizer tokenizer, List<Sampler> samplers) {
        List<Integer> suppressed = tokenizer.special().suppressed();
        if (suppressed.isEmpty()) {
            return new SamplerChain(samplers);
        }
        List<Sampler> stages = new ArrayList<>();
        stages.add(new LogitBias(suppressed.stream()
                .map(id -> new LogitBias.Entry(id, Float.NEGATIVE_INFINITY))
                .toList()));
        stages.addAll(samplers);
        return new SamplerChain(stages);
    }
}
