// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.hub.HubFolder;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.model.Keys;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.tokenizer.BertForm;
import dev.kelvin.tokenizer.BpeVocabulary;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.SpecialToken;
import dev.kelvin.tokenizer.SpecialTokens;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import dev.kelvin.tokenizer.split.SplitRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tokenizers from the metadata of model files. */
public final class Tokenizers {
    private static final SpecialTokens LLAMA_DEFAULTS =
            SpecialTokens.of(1, 2, true).with(SpecialToken.UNKNOWN, 0);

    /** Those of Falcon, which was the first of its type. */
    private static final SpecialTokens GPT2_DEFAULTS = SpecialTokens.of(11, 11, false);

    private static final SpecialTokens T5_DEFAULTS = new SpecialTokens(
            Map.of(SpecialToken.EOS, 1, SpecialToken.UNKNOWN, 2, SpecialToken.PADDING, 0), false, true, List.of());

    private static final SpecialTokens BERT_DEFAULTS = new SpecialTokens(
            Map.of(
                    SpecialToken.BOS, 101,
                    SpecialToken.UNKNOWN, 100,
                    SpecialToken.SEPARATOR, 102,
                    SpecialToken.PADDING, 0,
                    SpecialToken.MASK, 103),
            true,
            false,
            List.of());

    private Tokenizers() {}

    /** {@link #of(ModelFile, LoadOptions)} that tells nobody. */
    public static Tokenizer of(ModelFile file) throws ModelFormatException {
        return of(file, LoadOptions.QUIET);
    }

    /**
     * Builds the tokenizer that a file describes in its {@code tokenizer.ggml.*} keys, or a folder of the hub in its
     * {@code tokenizer.json}. The file may be closed afterwards.
     *
     * <p>What the file leaves open is as in llama.cpp. Without their keys, {@code scores} are 0 and {@code token_type}
     * normal; the ids of BOS, EOS and the unknown token are 1, 2 and 0 for type {@code llama}, for {@code gpt2} 11, 11
     * and none, for {@code t5} none, 1 and 2, for {@code bert} 101, none and 100 with 102 as the separator, as far as
     * the vocabulary has them, and there are no others; {@code add_bos_token} and {@code add_space_prefix} are true for
     * {@code llama}, {@code add_eos_token} for {@code t5}; for {@code gpt2} {@code add_bos_token} depends on
     * {@code pre}, and {@code pre} is {@code default}, with a note. Where the vocabulary has no BOS, none is added.
     *
     * @param file an open file
     * @param options who is told of each choice made where the file contradicts itself or leaves out what it should
     *     not, and of keys that nobody knows
     * @throws ModelFormatException if the type is none of {@code llama}, {@code gpt2}, {@code bert}, {@code t5} and
     *     {@code gemma4}, {@code pre} is unknown, a key is missing that has no default, there are fewer scores or types
     *     than tokens, a token is malformed, or a key changes the result and is not read
     */
    public static Tokenizer of(ModelFile file, LoadOptions options) throws ModelFormatException {
        Keys keys = Keys.ofTokenizer(file);
        Tokenizer tokenizer = file instanceof HubFolder folder
                ? HubTokenizer.of(folder, keys)
                : tokenizer(keys, new TokenizerMetadata(file, keys));
        keys.settle(options);
        return tokenizer;
    }

    private static Tokenizer tokenizer(Keys keys, TokenizerMetadata metadata) throws ModelFormatException {
        String model = keys.string("model");
        return switch (model) {
            case "llama" -> sentencePiece(keys, metadata);
            case "gpt2" -> bytePairs(keys, metadata, splitRule(keys), GPT2_DEFAULTS);
            case "gemma4" -> bytePairs(keys, metadata, SplitRule.GEMMA4, SpecialTokens.NONE);
            case "bert" -> wordPieces(keys, metadata);
            case "t5" -> unigram(keys, metadata);
            default ->
                throw keys.refuse("model", "a tokenizer that can be used (llama, gpt2, bert, t5, gemma4)", model);
        };
    }

    private static Tokenizer sentencePiece(Keys keys, TokenizerMetadata metadata) throws ModelFormatException {
        Vocabulary vocabulary = scored(keys, metadata, LLAMA_DEFAULTS, true);
        // Written for some models of this type, for which llama.cpp does not use it.
        keys.flag("remove_extra_whitespaces", false);
        return metadata.sound(() -> GgufTokenizers.sentencePieces(vocabulary));
    }

    private static Tokenizer unigram(Keys keys, TokenizerMetadata metadata) throws ModelFormatException {
        Vocabulary vocabulary = scored(keys, metadata, T5_DEFAULTS, false);
        byte[] charsMap = metadata.bytes("precompiled_charsmap");
        boolean mergesSpaces = keys.flag("remove_extra_whitespaces", false);
        return metadata.sound(() -> GgufTokenizers.unigram(vocabulary, charsMap, mergesSpaces));
    }

    private static Vocabulary scored(
            Keys keys, TokenizerMetadata metadata, SpecialTokens defaults, boolean addsSpacePrefix)
            throws ModelFormatException {
        String[] pieces = metadata.pieces();
        float[] scores = metadata.scores(pieces.length);
        int[] types = metadata.types(pieces.length);
        SpecialTokens special = metadata.special(pieces.length, defaults);
        boolean prefix = keys.flag("add_space_prefix", addsSpacePrefix);
        return metadata.sound(() -> new Vocabulary(pieces, scores, types, special, prefix));
    }

    private static Tokenizer wordPieces(Keys keys, TokenizerMetadata metadata) throws ModelFormatException {
        String[] pieces = metadata.pieces();
        int[] types = metadata.types(pieces.length);
        SpecialTokens special = metadata.special(pieces.length, BERT_DEFAULTS);
        boolean lowercase = keys.flag("normalizer.lowercase", true);
        BertForm form = new BertForm(lowercase, keys.flag("normalizer.strip_accents", lowercase));
        return metadata.sound(() -> GgufTokenizers.wordPieces(pieces, types, special, form));
    }

    private static Tokenizer bytePairs(Keys keys, TokenizerMetadata metadata, SplitRule rule, SpecialTokens ids)
            throws ModelFormatException {
        String[] pieces = metadata.pieces();
        int[] types = metadata.types(pieces.length);
        String[] merges = keys.strings("merges");
        SpecialTokens defaults = new SpecialTokens(ids.ids(), rule.addsBos(), false, List.of());
        SpecialTokens special = metadata.special(pieces.length, defaults);
        return metadata.sound(() -> GgufTokenizers.bytePairs(new BpeVocabulary(pieces, types, merges, rule, special)));
    }

    private static SplitRule splitRule(Keys keys) throws ModelFormatException {
        if (!keys.contains("pre")) {
            keys.remark(
                    "pre",
                    "the name of a rule",
                    "none; texts are cut by the default rule, which may not be the model's");
            return SplitRule.DEFAULT;
        }
        String pre = keys.string("pre");
        String names = String.join(", ", SplitRule.names());
        return SplitRule.named(pre)
                .orElseThrow(() -> keys.refuse("pre", "a pre-tokenizer that can be used (" + names + ")", pre));
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
