// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.plan.DecoderPlan;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The shapes that figures are quoted for, as the metadata of a file has them. */
enum SyntheticShape {
    /** GPT-2 small's proportions. */
    S("llama", 12, 32000, Vocabulary.SENTENCE_PIECES, true, keys -> {
        keys.sizes(768, 2048, 2048);
        keys.heads(12, 12, 64);
        keys.rotary(10_000);
    }),
    /** TinyLlama-1.1B. */
    M("llama", 22, 32000, Vocabulary.SENTENCE_PIECES, true, keys -> {
        keys.sizes(2048, 5632, 2048);
        keys.heads(32, 4, 64);
        keys.rotary(10_000);
    }),
    /** Llama-3.2-1B. */
    L("llama", 16, 128_256, Vocabulary.SENTENCE_PIECES, false, keys -> {
        keys.sizes(2048, 8192, 8192);
        keys.heads(32, 8, 64);
        keys.rotary(500_000);
    }),
    /** Qwen3-0.6B. */
    QWEN3_06B("qwen3", 28, 151_936, Vocabulary.BYTE_PAIRS, false, keys -> {
        keys.sizes(1024, 3072, 40_960);
        keys.wideHeads(16, 8, 128);
        keys.rotary(1_000_000);
    }),
    /** Gemma-3-1B: a window of 512 in five layers of six. */
    GEMMA3_1B("gemma3", 26, 262_144, Vocabulary.SENTENCE_PIECES, false, keys -> {
        keys.sizes(1152, 6912, 32_768);
        keys.wideHeads(4, 1, 256);
        keys.rotary(1_000_000);
        keys.put("attention.sliding_window", 512);
    }),
    /** A mixture of OLMoE-1B-7B's proportions: 8 of 64 experts. */
    MIXTURE("qwen3moe", 16, 50_304, Vocabulary.BYTE_PAIRS, true, keys -> {
        keys.sizes(2048, 1024, 4096);
        keys.wideHeads(16, 16, 128);
        keys.rotary(10_000);
        keys.put("expert_count", 64);
        keys.put("expert_used_count", 8);
        keys.put("expert_feed_forward_length", 1024);
    }),
    /** all-MiniLM-L6-v2, an encoder. */
    MINILM_L6("bert", 6, 30_522, Vocabulary.WORD_PIECES, false, keys -> {
        keys.sizes(384, 1536, 512);
        keys.put("attention.head_count", 12);
        keys.put("attention.layer_norm_epsilon", 1e-12f);
        keys.put("attention.causal", false);
        keys.put("pooling_type", 1);
    });

    private static final String[] BIASED = {
        "attn_q", "attn_k", "attn_v", "attn_output", "attn_output_norm", "ffn_up", "ffn_down", "layer_output_norm"
    };

    private final String architecture;
    private final int layers;
    private final int vocabSize;
    private final Vocabulary vocabulary;
    private final boolean ownOutput;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Map<String, Object> keys;

    SyntheticShape(
            String architecture,
            int layers,
            int vocabSize,
            Vocabulary vocabulary,
            boolean ownOutput,
            Consumer<KeyList> keys) {
        this.architecture = architecture;
        this.layers = layers;
        this.vocabSize = vocabSize;
        this.vocabulary = vocabulary;
        this.ownOutput = ownOutput;
        KeyList list = new KeyList(architecture);
        keys.accept(list);
        list.put("block_count", layers);
        list.put("vocab_size", vocabSize);
        this.keys = list.all;
    }

    /** Keys below an architecture's name. */
    private record KeyList(String architecture, Map<String, Object> all) {
        KeyList(String architecture) {
            this(architecture, new LinkedHashMap<>());
        }

        void put(String key, Object value) {
            all.put(architecture + "." + key, value);
        }

        void sizes(int dim, int ffnDim, int contextLength) {
            put("embedding_length", dim);
            put("feed_forward_length", ffnDim);
            put("context_length", contextLength);
        }

        void heads(int heads, int kvHeads, int width) {
            put("attention.head_count", heads);
            put("attention.head_count_kv", kvHeads);
            put("attention.layer_norm_rms_epsilon", 1e-5f);
            put("rope.dimension_count", width);
        }

        /** Heads whose width is not that of the model divided by their number. */
        void wideHeads(int heads, int kvHeads, int width) {
            put("attention.head_count", heads);
            put("attention.head_count_kv", kvHeads);
            put("attention.layer_norm_rms_epsilon", 1e-6f);
            put("attention.key_length", width);
            put("attention.value_length", width);
        }

        void rotary(int base) {
            put("rope.freq_base", (float) base);
        }
    }

    /** What tokens look like. */
    private enum Vocabulary {
        SENTENCE_PIECES,
        BYTE_PAIRS,
        WORD_PIECES
    }

    /** The shape of a name like {@code qwen3-0.6b}; null for none. */
    static SyntheticShape named(String name) {
        String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_').replace(".", "");
        for (SyntheticShape shape : values()) {
            if (shape.name().equals(wanted)) {
                return shape;
            }
        }
        return null;
    }

    /** L. */
    int layers() {
        return layers;
    }

    /** Whether the output is the embedding's table. */
    boolean tied() {
        return plan().tied();
    }

    /** The keys of the model, without its vocabulary. */
    Map<String, Object> metadata() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", architecture);
        metadata.put("general.name", "synthetic " + name());
        metadata.putAll(keys);
        return metadata;
    }

    /** What the model computes. */
    DecoderPlan plan() {
        Set<String> optional = new HashSet<>();
        if (ownOutput) {
            optional.add("output.weight");
        }
        if (architecture.equals("bert")) {
            optional.add("token_embd_norm.bias");
            for (int layer = 0; layer < layers; layer++) {
                for (String biased : BIASED) {
                    optional.add("blk." + layer + "." + biased + ".bias");
                }
            }
        }
        return LanguageModels.plan(metadata(), optional);
    }

    /** Writes a vocabulary of byte tokens and numbered pieces. */
    void vocabulary(GgufWriter writer) {
        switch (vocabulary) {
            case SENTENCE_PIECES -> SyntheticVocabulary.sentencePieces(writer, vocabSize);
            case BYTE_PAIRS -> SyntheticVocabulary.bytePairs(writer, vocabSize);
            case WORD_PIECES -> SyntheticVocabulary.wordPieces(writer, vocabSize);
        }
    }
}
