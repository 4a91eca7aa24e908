// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a GGUF file as a folder of the hub: the way back, written after the modelling code of Hugging Face
 * transformers, which tells what the tensors of each class are called and how its rotary pairs lie.
 */
final class HubWriter {
    private static final Set<String> ADJACENT_PAIRS =
            Set.of("llama", "mistral3", "granite", "granitemoe", "granitehybrid", "smollm3");
    private static final Set<String> GAINS_OF_ONE_PLUS = Set.of("gemma2", "gemma3", "gemma-embedding");

    private final GgufFile file;
    private final String architecture;
    private final DType type;
    private final Map<String, byte[]> tensors = new LinkedHashMap<>();
    private final Map<String, int[]> shapes = new LinkedHashMap<>();
    private final Map<String, Object> config = new LinkedHashMap<>();

    private HubWriter(GgufFile file, DType type) throws IOException {
        this.file = file;
        this.type = type;
        architecture = file.metadata().string("general.architecture");
    }

    /**
     * Writes a folder.
     *
     * @param config fields of config.json beyond those that every model has
     * @param shards how many files the tensors are spread over
     */
    static void write(GgufFile file, Path folder, Map<String, ?> config, DType type, int shards) throws IOException {
        HubWriter writer = new HubWriter(file, type);
        writer.sizes();
        writer.encoderSizes();
        writer.config.putAll(config);
        for (TensorInfo info : file.tensors()) {
            writer.add(info);
        }
        Files.createDirectories(folder);
        writer.writeTokenizer(folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("config.json"), JsonWriter.write(writer.config));
        writer.writeShards(folder, shards);
    }

    private Object key(String key) {
        return file.metadata().asMap().get(architecture + "." + key);
    }

    private void copy(String key, String name) {
        if (key(key) != null) {
            Object value = key(key);
            config.put(name, value instanceof Float real ? (Object) Double.parseDouble(real.toString()) : value);
        }
    }

    private void sizes() throws IOException {
        copy("block_count", "num_hidden_layers");
        copy("context_length", "max_position_embeddings");
        copy("embedding_length", "hidden_size");
        copy("feed_forward_length", "intermediate_size");
        copy("attention.head_count", "num_attention_heads");
        copy("attention.head_count_kv", "num_key_value_heads");
        copy("attention.key_length", "head_dim");
        copy("attention.layer_norm_rms_epsilon", "rms_norm_eps");
        copy("rope.freq_base", "rope_theta");
        copy("attention.sliding_window", "sliding_window");
        copy("expert_count", "num_experts");
        copy("expert_used_count", "num_experts_per_tok");
        copy("expert_feed_forward_length", "moe_intermediate_size");
        config.put("vocab_size", file.metadata().strings("tokenizer.ggml.tokens").length);
        config.put("tie_word_embeddings", file.find("output.weight").isEmpty());
    }

    /** The fields that encoders have under names of their own. */
    private void encoderSizes() throws IOException {
        switch (architecture) {
            case "bert" -> copy("attention.layer_norm_epsilon", "layer_norm_eps");
            case "nomic-bert" -> {
                config.keySet().removeIf(key -> !key.equals("vocab_size"));
                copy("block_count", "n_layer");
                copy("embedding_length", "n_embd");
                copy("feed_forward_length", "n_inner");
                copy("attention.head_count", "n_head");
                copy("rope.freq_base", "rotary_emb_base");
                copy("attention.layer_norm_epsilon", "layer_norm_epsilon");
            }
            case "modern-bert" -> {
                config.remove("rope_theta");
                config.remove("sliding_window");
                copy("attention.sliding_window", "local_attention");
                copy("attention.sliding_window_pattern", "global_attn_every_n_layers");
                copy("attention.layer_norm_epsilon", "norm_eps");
                copy("rope.freq_base", "global_rope_theta");
                copy("rope.freq_base_swa", "local_rope_theta");
                copy("hidden_activation", "hidden_activation");
            }
            default -> {}
        }
    }

    /** Names of encoders; null for other models. */
    private String encoderName(String name) {
        String[][] names =
                switch (architecture) {
                    case "bert" ->
                        new String[][] {
                            {"token_embd_norm", "embeddings.LayerNorm"},
                            {"token_embd", "embeddings.word_embeddings"},
                            {"position_embd", "embeddings.position_embeddings"},
                            {"token_types", "embeddings.token_type_embeddings"},
                            {"attn_output_norm", "attention.output.LayerNorm"},
                            {"attn_output", "attention.output.dense"},
                            {"attn_q", "attention.self.query"},
                            {"attn_k", "attention.self.key"},
                            {"attn_v", "attention.self.value"},
                            {"ffn_up", "intermediate.dense"},
                            {"ffn_down", "output.dense"},
                            {"layer_output_norm", "output.LayerNorm"},
                            {"blk", "encoder.layer"}
                        };
                    case "nomic-bert" ->
                        new String[][] {
                            {"token_embd_norm", "emb_ln"},
                            {"token_embd", "embeddings.word_embeddings"},
                            {"token_types", "embeddings.token_type_embeddings"},
                            {"attn_output_norm", "norm1"},
                            {"attn_output", "attn.out_proj"},
                            {"attn_qkv", "attn.Wqkv"},
                            {"ffn_up", "mlp.fc11"},
                            {"ffn_gate", "mlp.fc12"},
                            {"ffn_down", "mlp.fc2"},
                            {"layer_output_norm", "norm2"},
                            {"blk", "encoder.layers"}
                        };
                    case "modern-bert" ->
                        new String[][] {
                            {"token_embd_norm", "embeddings.norm"},
                            {"token_embd", "embeddings.tok_embeddings"},
                            {"output_norm", "final_norm"},
                            {"attn_norm", "attn_norm"},
                            {"attn_output", "attn.Wo"},
                            {"attn_qkv", "attn.Wqkv"},
                            {"ffn_norm", "mlp_norm"},
                            {"ffn_up", "mlp.Wi"},
                            {"ffn_down", "mlp.Wo"},
                            {"blk", "layers"}
                        };
                    default -> new String[0][];
                };
        if (names.length == 0) {
            return null;
        }
        if (name.startsWith("cls.")) {
            String head = architecture.equals("bert") ? "pooler.dense." : "head.dense.";
            return name.replace("cls.output.", "classifier.")
                    .replace("cls.norm.", "head.norm.")
                    .replace("cls.", head);
        }
        String[] words = name.split("\\.", -1);
        for (int i = 0; i < words.length; i++) {
            for (String[] pair : names) {
                if (words[i].equals(pair[0])) {
                    words[i] = pair[1];
                    break;
                }
            }
        }
        String joined = String.join(".", words);
        return architecture.equals("bert") ? joined.replace("LayerNorm.weight", "LayerNorm.gamma") : joined;
    }

    /** Experts of gpt-oss: gate and up in turn as columns, or in codes of four bits as rows. */
    private boolean addExperts(TensorInfo info) throws IOException {
        if (!architecture.equals("gpt-oss") || !info.name().contains("_exps")) {
            return false;
        }
        String layer = "model.layers." + info.name().split("\\.", -1)[1] + ".mlp.experts.";
        boolean bias = info.name().endsWith(".bias");
        int[] dims = info.shape().dims();
        if (info.name().contains("ffn_up")) {
            return true; // with its gate
        }
        float[][] parts = {file.tensor(info.name()).toHeap().data()};
        if (info.name().contains("ffn_gate")) {
            parts = new float[][] {
                parts[0],
                file.tensor(info.name().replace("ffn_gate", "ffn_up")).toHeap().data()
            };
        }
        String name = layer + (parts.length == 2 ? "gate_up_proj" : "down_proj");
        int rows = dims[1] * parts.length;
        int columns = bias ? 1 : dims[2];
        float[] both = new float[dims[0] * rows * columns];
        for (int expert = 0; expert < dims[0]; expert++) {
            for (int row = 0; row < rows; row++) {
                int from = (expert * dims[1] + row / parts.length) * columns;
                int to = (expert * rows + row) * columns;
                System.arraycopy(parts[row % parts.length], from, both, to, columns);
            }
        }
        if (bias) {
            put(name + "_bias", both, new int[] {dims[0], rows});
        } else if (file.find(info.name()).orElseThrow().dtype() == DType.MXFP4) {
            putCodes(name, both, new int[] {dims[0], rows, columns});
        } else {
            float[] turned = new float[both.length];
            for (int i = 0; i < both.length; i++) {
                int expert = i / (rows * columns);
                int row = i / columns % rows;
                turned[(expert * columns + i % columns) * rows + row] = both[i];
            }
            put(name, turned, new int[] {dims[0], columns, rows});
        }
        return true;
    }

    /** Blocks of 32 numbers that are 0, 0.5, 1, 1.5, 2, 3, 4 or 6 times a power of two. */
    private void putCodes(String name, float[] values, int[] dims) {
        float[] levels = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};
        byte[] codes = new byte[values.length / 2];
        byte[] scales = new byte[values.length / 32];
        for (int block = 0; block < scales.length; block++) {
            byte[] encoded = new byte[17];
            DType.MXFP4.format().encode(values, block * 32, encoded, 0, 32);
            scales[block] = encoded[0];
            float scale = Math.scalb(1f, (encoded[0] & 255) - 127);
            for (int i = 0; i < 32; i++) {
                float value = values[block * 32 + i];
                int code = 0;
                while (levels[code] * scale != Math.abs(value)) {
                    code++;
                }
                code |= value < 0 ? 8 : 0;
                codes[block * 16 + i / 2] |= (byte) (code << (i % 2 * 4));
            }
        }
        tensors.put(name + "_blocks", codes);
        shapes.put(name + "_blocks", new int[] {dims[0], dims[1], dims[2] / 32, 16});
        tensors.put(name + "_scales", scales);
        shapes.put(name + "_scales", new int[] {dims[0], dims[1], dims[2] / 32});
    }

    private void add(TensorInfo info) throws IOException {
        if (addExperts(info)) {
            return;
        }
        if (info.name().startsWith("rope_")) {
            return; // the config says it
        }
        if (HubStates.isSecondHalf(architecture, info.name())) {
            return; // with the first
        }
        float[] values = file.tensor(info.name()).toHeap().data();
        int[] dims = info.shape().dims();
        String name = HubStates.has(architecture) ? HubStates.name(architecture, info.name()) : hubName(info.name());
        if (HubStates.has(architecture)) {
            values = HubStates.values(file, architecture, info.name(), values);
            dims = HubStates.dims(info.name(), dims);
        }
        if (HubStates.secondHalf(architecture, info.name()) != null) {
            String second = HubStates.secondHalf(architecture, info.name());
            putHalves(name, values, file.tensor(second).toHeap().data(), dims);
            return;
        }
        if (GAINS_OF_ONE_PLUS.contains(architecture) && name.endsWith("norm.weight")) {
            for (int i = 0; i < values.length; i++) {
                values[i] -= 1;
            }
        }
        if (ADJACENT_PAIRS.contains(architecture) && (name.contains("q_proj") || name.contains("k_proj"))) {
            String heads = name.contains("q_proj") ? "num_attention_heads" : "num_key_value_heads";
            values = halves(values, dims, ((Number) config.get(heads)).intValue());
        }
        if (name.contains(".experts.#.")) {
            int size = values.length / dims[0];
            for (int expert = 0; expert < dims[0]; expert++) {
                put(
                        name.replace("#", Integer.toString(expert)),
                        Arrays.copyOfRange(values, expert * size, (expert + 1) * size),
                        Arrays.copyOfRange(dims, 1, 3));
            }
        } else if (name.contains("shared_expert_gate")) {
            put(name, values, new int[] {1, dims[0]});
        } else if (name.contains("conv.conv")) {
            put(name, values, new int[] {dims[0], 1, dims[1]});
        } else if (architecture.equals("gpt2") && name.matches(".*(c_attn|c_proj|c_fc)\\.weight")) {
            put(name, transposed(values, dims), new int[] {dims[1], dims[0]});
        } else {
            put(name, values, dims);
        }
    }

    /** Rows of two matrices, or of two for each expert, as one; granite's name of it. */
    private void putHalves(String name, float[] first, float[] second, int... dims) {
        int[] both = dims.clone();
        both[both.length - 2] *= 2;
        int size = dims[dims.length - 2] * dims[dims.length - 1];
        float[] values = new float[2 * first.length];
        for (int at = 0; at < first.length; at += size) {
            System.arraycopy(first, at, values, 2 * at, size);
            System.arraycopy(second, at, values, 2 * at + size, size);
        }
        put(name, values, both);
    }

    /** Rows 2i and 2i + 1 of a head become rows i and i + d/2. */
    private static float[] halves(float[] values, int[] dims, int heads) {
        int columns = dims.length == 1 ? 1 : dims[1];
        int width = dims[0] / heads;
        float[] moved = new float[values.length];
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < width; i++) {
                int to = head * width + i / 2 + (i % 2) * (width / 2);
                System.arraycopy(values, (head * width + i) * columns, moved, to * columns, columns);
            }
        }
        return moved;
    }

    private static float[] transposed(float[] values, int[] dims) {
        float[] turned = new float[values.length];
        for (int i = 0; i < dims[0]; i++) {
            for (int j = 0; j < dims[1]; j++) {
                turned[j * dims[0] + i] = values[i * dims[1] + j];
            }
        }
        return turned;
    }

    private void put(String name, float[] values, int[] dims) {
        byte[] bytes = new byte[(int) type.byteSize(values.length)];
        type.format().encode(values, 0, bytes, 0, values.length);
        tensors.put(name, bytes);
        shapes.put(name, dims);
    }

    private String hubName(String name) {
        String[][] names = {
            {"token_embd.", "model.embed_tokens."},
            {"output_norm.", "model.norm."},
            {"output.", "lm_head."},
            {"blk.", "model.layers."},
            {".attn_norm.", ".input_layernorm."},
            {".attn_q_norm.", ".self_attn.q_norm."},
            {".attn_k_norm.", ".self_attn.k_norm."},
            {".attn_q.", ".self_attn.q_proj."},
            {".attn_k.", ".self_attn.k_proj."},
            {".attn_v.", ".self_attn.v_proj."},
            {".attn_qkv.", ".self_attn.qkv_proj."},
            {".attn_output.", ".self_attn.o_proj."},
            {".post_attention_norm.", ".post_attention_layernorm."},
            {".post_ffw_norm.", ".post_feedforward_layernorm."},
            {".ffn_norm.", hasPostNorms() ? ".pre_feedforward_layernorm." : ".post_attention_layernorm."},
            {".ffn_gate.", ".mlp.gate_proj."},
            {".ffn_up.", architecture.equals("phi3") ? ".mlp.gate_up_proj." : ".mlp.up_proj."},
            {".ffn_down.", ".mlp.down_proj."},
            {".ffn_gate_inp_shexp.", ".mlp.shared_expert_gate."},
            {".ffn_gate_shexp.", ".mlp.shared_expert.gate_proj."},
            {".ffn_up_shexp.", ".mlp.shared_expert.up_proj."},
            {".ffn_down_shexp.", ".mlp.shared_expert.down_proj."},
            {".ffn_gate_inp.", ".mlp.gate."},
            {".ffn_gate_exps.", ".mlp.experts.#.gate_proj."},
            {".ffn_up_exps.", ".mlp.experts.#.up_proj."},
            {".ffn_down_exps.", ".mlp.experts.#.down_proj."}
        };
        if (encoderName(name) != null) {
            return encoderName(name);
        }
        String changed = name;
        for (String[] pair : names) {
            int at = changed.indexOf(pair[0]);
            if (pair[0].startsWith(".") ? at > 0 : at == 0) {
                changed = changed.replace(pair[0], pair[1]);
            }
        }
        return switch (architecture) {
            case "llama" ->
                changed.replace("mlp.gate.", "block_sparse_moe.gate.")
                        .replace("mlp.experts", "block_sparse_moe.experts")
                        .replaceFirst("(experts.#.)gate_proj", "$1w1")
                        .replaceFirst("(experts.#.)down_proj", "$1w2")
                        .replaceFirst("(experts.#.)up_proj", "$1w3");
            case "starcoder2" -> changed.replace("mlp.up_proj", "mlp.c_fc").replace("mlp.down_proj", "mlp.c_proj");
            case "gpt-oss" ->
                changed.replace("attn_sinks.weight", "self_attn.sinks").replace("mlp.gate.", "mlp.router.");
            case "gemma-embedding" -> changed.replaceFirst("^model\\.", "");
            case "lfm2", "lfm2moe" ->
                changed.replace("mlp.experts", "feed_forward.experts")
                        .replace("mlp.gate.", "feed_forward.gate.")
                        .replaceFirst("(experts.#.)gate_proj", "$1w1")
                        .replaceFirst("(experts.#.)down_proj", "$1w2")
                        .replaceFirst("(experts.#.)up_proj", "$1w3")
                        .replace(".exp_probs_b.bias", ".feed_forward.expert_bias")
                        .replace("token_embd_norm", "model.embedding_norm")
                        .replace("input_layernorm", "operator_norm")
                        .replace("post_attention_layernorm", "ffn_norm")
                        .replace("self_attn.o_proj", "self_attn.out_proj")
                        .replace("self_attn.q_norm", "self_attn.q_layernorm")
                        .replace("self_attn.k_norm", "self_attn.k_layernorm")
                        .replace("shortconv", "conv")
                        .replace("mlp.gate_proj", "feed_forward.w1")
                        .replace("mlp.down_proj", "feed_forward.w2")
                        .replace("mlp.up_proj", "feed_forward.w3");
            default -> changed;
        };
    }

    private boolean hasPostNorms() {
        return file.find("blk.0.post_ffw_norm.weight").isPresent();
    }

    /** A byte-pair vocabulary, cut as Qwen's. */
    private void writeTokenizer(Path path) throws IOException {
        if (file.metadata().string("tokenizer.ggml.model").equals("bert")) {
            writeWordPieces(path);
            return;
        }
        String[] tokens = file.metadata().strings("tokenizer.ggml.tokens");
        int[] types = file.metadata().integers("tokenizer.ggml.token_type");
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        List<Object> added = new ArrayList<>();
        for (int id = 0; id < tokens.length; id++) {
            if (types[id] == 1) {
                vocabulary.put(tokens[id], (long) id);
            } else {
                added.add(Map.of("id", (long) id, "content", tokens[id], "special", types[id] == 3));
            }
        }
        String expression =
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        Map<String, Object> split = Map.of(
                "type", "Split", "pattern", Map.of("Regex", expression), "behavior", "Isolated", "invert", false);
        Map<String, Object> bytes =
                Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", false, "use_regex", false);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("added_tokens", added);
        if (!file.metadata().string("tokenizer.ggml.model").equals("gpt2")) {
            json.put("model", pieces(vocabulary));
            Files.writeString(path, JsonWriter.write(json));
            return;
        }
        json.put("normalizer", null);
        json.put("pre_tokenizer", Map.of("type", "Sequence", "pretokenizers", List.of(split, bytes)));
        json.put("post_processor", null);
        json.put("decoder", bytes);
        List<String> merges = List.of(file.metadata().strings("tokenizer.ggml.merges"));
        json.put("model", Map.of("type", "BPE", "vocab", vocabulary, "merges", merges));
        Files.writeString(path, JsonWriter.write(json));
    }

    /** Pieces over characters with bytes for what they lack; none is merged. */
    private static Map<String, Object> pieces(Map<String, Object> vocabulary) {
        return Map.of(
                "type", "BPE", "byte_fallback", true, "unk_token", "<unk>", "vocab", vocabulary, "merges", List.of());
    }

    private void writeWordPieces(Path path) throws IOException {
        String[] tokens = file.metadata().strings("tokenizer.ggml.tokens");
        int[] types = file.metadata().integers("tokenizer.ggml.token_type");
        Map<String, Object> vocabulary = new LinkedHashMap<>();
        List<Object> added = new ArrayList<>();
        for (int id = 0; id < tokens.length; id++) {
            boolean begins = tokens[id].startsWith("\u2581");
            String token = types[id] == 3 ? tokens[id] : begins ? tokens[id].substring(1) : "##" + tokens[id];
            vocabulary.put(token, (long) id);
            if (types[id] == 3) {
                added.add(Map.of("id", (long) id, "content", token, "special", true));
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("added_tokens", added);
        json.put("normalizer", Map.of("type", "BertNormalizer", "lowercase", true));
        json.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
        json.put(
                "post_processor",
                Map.of("type", "BertProcessing", "sep", List.of("[SEP]", 3L), "cls", List.of("[CLS]", 2L)));
        json.put("decoder", Map.of("type", "WordPiece", "prefix", "##", "cleanup", true));
        json.put(
                "model",
                Map.of(
                        "type",
                        "WordPiece",
                        "unk_token",
                        "[UNK]",
                        "continuing_subword_prefix",
                        "##",
                        "max_input_chars_per_word",
                        100L,
                        "vocab",
                        vocabulary));
        Files.writeString(path, JsonWriter.write(json));
    }

    private static boolean isCodes(String name) {
        return name.endsWith("_blocks") || name.endsWith("_scales");
    }

    private void writeShards(Path folder, int shards) throws IOException {
        List<String> names = new ArrayList<>(tensors.keySet());
        Map<String, Object> places = new LinkedHashMap<>();
        for (int shard = 0; shard < shards; shard++) {
            int begin = names.size() * shard / shards;
            int end = names.size() * (shard + 1) / shards;
            String name = shards == 1
                    ? "model.safetensors"
                    : String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
            names.subList(begin, end).forEach(tensor -> places.put(tensor, name));
            writeShard(folder.resolve(name), names.subList(begin, end), shard % 2);
        }
        if (shards > 1) {
            Files.writeString(
                    folder.resolve("model.safetensors.index.json"),
                    JsonWriter.write(Map.of("metadata", Map.of("total_size", 1), "weight_map", places)));
        }
    }

    /** The data begins at an even or at an odd byte. */
    private void writeShard(Path path, List<String> names, int odd) throws IOException {
        Map<String, Object> header = new LinkedHashMap<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        header.put("__metadata__", Map.of("format", "pt"));
        for (String name : names) {
            List<Object> dims = new ArrayList<>();
            for (int dim : shapes.get(name)) {
                dims.add((long) dim);
            }
            long begin = data.size();
            data.writeBytes(tensors.get(name));
            header.put(
                    name,
                    Map.of(
                            "dtype",
                            isCodes(name) ? "U8" : type.name(),
                            "shape",
                            dims,
                            "data_offsets",
                            List.of(begin, (long) data.size())));
        }
        byte[] text = JsonWriter.write(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8 + odd);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .array());
        file.writeBytes(padded);
        data.writeTo(file);
        Files.write(path, file.toByteArray());
    }
}
