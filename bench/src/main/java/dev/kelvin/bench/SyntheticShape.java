// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.plan.DecoderPlan;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The shapes that figures are quoted for, as a file has them. */
enum SyntheticShape {
    /** GPT-2 small's proportions. */
    S("llama", 12, 32000, Vocabulary.SENTENCE_PIECES, file -> {
        file.sizes(768, 2048, 2048);
        file.heads(12, 12, 64);
        file.rotary(10_000);
        file.has("output.weight");
    }),
    /** TinyLlama-1.1B. */
    M("llama", 22, 32000, Vocabulary.SENTENCE_PIECES, file -> {
        file.sizes(2048, 5632, 2048);
        file.heads(32, 4, 64);
        file.rotary(10_000);
        file.has("output.weight");
    }),
    /** Llama-3.2-1B. */
    L("llama", 16, 128_256, Vocabulary.SENTENCE_PIECES, file -> {
        file.sizes(2048, 8192, 8192);
        file.heads(32, 8, 64);
        file.rotary(500_000);
    }),
    /** Qwen3-0.6B. */
    QWEN3_06B("qwen3", 28, 151_936, Vocabulary.BYTE_PAIRS, file -> {
        file.sizes(1024, 3072, 40_960);
        file.wideHeads(16, 8, 128);
        file.rotary(1_000_000);
    }),
    /** Gemma-3-1B: a window of 512 in five layers of six. */
    GEMMA3_1B("gemma3", 26, 262_144, Vocabulary.SENTENCE_PIECES, file -> {
        file.sizes(1152, 6912, 32_768);
        file.wideHeads(4, 1, 256);
        file.rotary(1_000_000);
        file.put("attention.sliding_window", 512);
    }),
    /** A mixture of OLMoE-1B-7B's proportions: 8 of 64 experts. */
    MIXTURE("qwen3moe", 16, 50_304, Vocabulary.BYTE_PAIRS, file -> {
        file.sizes(2048, 1024, 4096);
        file.wideHeads(16, 16, 128);
        file.rotary(10_000);
        file.put("expert_count", 64);
        file.put("expert_used_count", 8);
        file.put("expert_feed_forward_length", 1024);
        file.has("output.weight");
    }),
    /** all-MiniLM-L6-v2, an encoder. */
    MINILM_L6("bert", 6, 30_522, Vocabulary.WORD_PIECES, file -> {
        file.sizes(384, 1536, 512);
        file.put("attention.head_count", 12);
        file.put("attention.layer_norm_epsilon", 1e-12f);
        file.put("attention.causal", false);
        file.put("pooling_type", 1);
        file.has("token_embd_norm.bias");
        file.layersHave("attn_q.bias", "attn_k.bias", "attn_v.bias", "attn_output.bias", "attn_output_norm.bias");
        file.layersHave("ffn_up.bias", "ffn_down.bias", "layer_output_norm.bias");
    });

    private final int vocabSize;
    private final Vocabulary vocabulary;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final FileParts parts;

    SyntheticShape(
            String architecture, int layers, int vocabSize, Vocabulary vocabulary, Consumer<FileParts> description) {
        this.vocabSize = vocabSize;
        this.vocabulary = vocabulary;
        parts = new FileParts(architecture, layers);
        parts.keys.put("general.architecture", architecture);
        parts.keys.put("general.name", "synthetic " + name());
        description.accept(parts);
        parts.put("block_count", layers);
        parts.put("vocab_size", vocabSize);
    }

    /** What a file has: its keys, and which of the tensors that an architecture's files may have or lack. */
    private record FileParts(String architecture, int layers, Map<String, Object> keys, Set<String> tensors) {
        FileParts(String architecture, int layers) {
            this(architecture, layers, new LinkedHashMap<>(), new HashSet<>());
        }

        void has(String tensor) {
            tensors.add(tensor);
        }

        void layersHave(String... names) {
            for (int layer = 0; layer < layers; layer++) {
                for (String name : names) {
                    tensors.add("blk." + layer + "." + name);
                }
            }
        }

        /** A key below the architecture's name. */
        void put(String key, Object value) {
            keys.put(architecture + "." + key, value);
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

    /** V. */
    int vocabSize() {
        return vocabSize;
    }

    /** L. */
    int layers() {
        return parts.layers;
    }

    /** Whether the output is the embedding's table. */
    boolean tied() {
        return plan().tied();
    }

    /** The keys of the model, without its vocabulary. */
    Map<String, Object> metadata() {
        return Collections.unmodifiableMap(parts.keys);
    }

    /** What the model computes. */
    DecoderPlan plan() {
        return LanguageModels.plan(metadata(), parts.tensors);
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
