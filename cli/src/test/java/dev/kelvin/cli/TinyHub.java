// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A folder of the hub: a qwen2 model of one layer, two heads and five tokens, with random weights of BF16. */
final class TinyHub {
    private static final String TOKENIZER = """
            {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3}, "merges": ["a b"]},
             "added_tokens": [{"id": 4, "content": "<end>", "special": true}], "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
             "post_processor": null, "decoder": {"type": "ByteLevel"}}
            """;
    private static final String LAYER = "model.layers.0.";

    private TinyHub() {}

    /** Writes the folder {@code hub}, which must not exist, for a width and a width of the feed-forward layer. */
    static Path write(Path hub, int dim, int ffnDim) throws IOException {
        writeTexts(hub, dim, ffnDim);
        writeWeights(hub.resolve("model.safetensors"), tensors(dim, ffnDim));
        return hub;
    }

    /** The same with its weights in two files and an index of them. */
    static Path writeInParts(Path hub, int dim, int ffnDim) throws IOException {
        writeTexts(hub, dim, ffnDim);
        List<String> tensors = tensors(dim, ffnDim);
        List<String> places = new ArrayList<>();
        int half = tensors.size() / 2;
        for (int part = 0; part < 2; part++) {
            String name = "model-%d-of-2.safetensors".formatted(part + 1);
            List<String> own = part == 0 ? tensors.subList(0, half) : tensors.subList(half, tensors.size());
            writeWeights(hub.resolve(name), own);
            own.forEach(tensor -> places.add("\"%s\":\"%s\"".formatted(tensor.split(" ", -1)[0], name)));
        }
        Files.writeString(
                hub.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + String.join(",", places) + "}}");
        return hub;
    }

    private static void writeTexts(Path hub, int dim, int ffnDim) throws IOException {
        Files.createDirectory(hub);
        Files.writeString(
                hub.resolve("config.json"),
                "{\"architectures\":[\"Qwen2ForCausalLM\"],\"hidden_size\":" + dim + ",\"intermediate_size\":" + ffnDim
                        + ",\"num_hidden_layers\":1,\"num_attention_heads\":2,\"num_key_value_heads\":1,"
                        + "\"rms_norm_eps\":1e-6,\"max_position_embeddings\":32,\"vocab_size\":5,"
                        + "\"tie_word_embeddings\":true,\"eos_token_id\":4}");
        Files.writeString(hub.resolve("tokenizer.json"), TOKENIZER.strip());
    }

    /** Name and extents of each. */
    private static List<String> tensors(int dim, int ffnDim) {
        int head = dim / 2;
        return List.of(
                "model.embed_tokens.weight 5," + dim,
                "model.norm.weight " + dim,
                LAYER + "input_layernorm.weight " + dim,
                LAYER + "post_attention_layernorm.weight " + dim,
                LAYER + "self_attn.q_proj.weight " + dim + "," + dim,
                LAYER + "self_attn.q_proj.bias " + dim,
                LAYER + "self_attn.k_proj.weight " + head + "," + dim,
                LAYER + "self_attn.k_proj.bias " + head,
                LAYER + "self_attn.v_proj.weight " + head + "," + dim,
                LAYER + "self_attn.v_proj.bias " + head,
                LAYER + "self_attn.o_proj.weight " + dim + "," + dim,
                LAYER + "mlp.gate_proj.weight " + ffnDim + "," + dim,
                LAYER + "mlp.up_proj.weight " + ffnDim + "," + dim,
                LAYER + "mlp.down_proj.weight " + dim + "," + ffnDim);
    }

    private static void writeWeights(Path file, List<String> tensors) throws IOException {
        List<String> entries = new ArrayList<>();
        long end = 0;
        for (String tensor : tensors) {
            String[] words = tensor.split(" ", -1);
            long begin = end;
            long bytes = DType.BF16.blockBytes();
            for (String extent : words[1].split(",", -1)) {
                bytes *= Integer.parseInt(extent);
            }
            end += bytes;
            entries.add("\"%s\":{\"dtype\":\"BF16\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
                    .formatted(words[0], words[1], begin, end));
        }
        byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(Long.BYTES + header.length + (int) end).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        SplittableRandom random = new SplittableRandom(1);
        while (bytes.hasRemaining()) {
            bytes.putShort((short) (Float.floatToIntBits((float) random.nextDouble(-1, 1)) >>> 16));
        }
        Files.write(file, bytes.array());
    }
}
