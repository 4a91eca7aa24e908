// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of the hub on the command line. */
class ConvertCommandTest {
    @TempDir
    Path folder;

    private Path hub;

    /** A qwen2 model of one layer, width 8 and five tokens. */
    @BeforeEach
    void writeFolder() throws IOException {
        hub = Files.createDirectory(folder.resolve("hub"));
        Files.writeString(hub.resolve("config.json"), """
                {"architectures": ["Qwen2ForCausalLM"], "hidden_size": 8, "intermediate_size": 12,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-6,
                 "max_position_embeddings": 32, "vocab_size": 5, "tie_word_embeddings": true, "eos_token_id": 4}
                """);
        Files.writeString(hub.resolve("tokenizer.json"), """
                {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "c": 3}, "merges": ["a b"]},
                 "added_tokens": [{"id": 4, "content": "<end>", "special": true}], "normalizer": null,
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
                 "post_processor": null, "decoder": {"type": "ByteLevel"}}
                """);
        List<String> entries = new ArrayList<>();
        long end = 0;
        String layer = "model.layers.0.";
        for (String tensor : List.of(
                "model.embed_tokens.weight 5,8",
                "model.norm.weight 8",
                layer + "input_layernorm.weight 8",
                layer + "post_attention_layernorm.weight 8",
                layer + "self_attn.q_proj.weight 8,8",
                layer + "self_attn.q_proj.bias 8",
                layer + "self_attn.k_proj.weight 4,8",
                layer + "self_attn.k_proj.bias 4",
                layer + "self_attn.v_proj.weight 4,8",
                layer + "self_attn.v_proj.bias 4",
                layer + "self_attn.o_proj.weight 8,8",
                layer + "mlp.gate_proj.weight 12,8",
                layer + "mlp.up_proj.weight 12,8",
                layer + "mlp.down_proj.weight 8,12")) {
            String[] words = tensor.split(" ", -1);
            long begin = end;
            long bytes = DType.BF16.blockBytes();
            for (String dim : words[1].split(",", -1)) {
                bytes *= Integer.parseInt(dim);
            }
            end += bytes;
            entries.add("\"%s\":{\"dtype\":\"BF16\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
                    .formatted(words[0], words[1], begin, end));
        }
        byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + header.length + (int) end).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        SplittableRandom random = new SplittableRandom(1);
        while (file.hasRemaining()) {
            file.putShort((short) (Float.floatToIntBits((float) random.nextDouble(-1, 1)) >>> 16));
        }
        Files.write(hub.resolve("model.safetensors"), file.array());
    }

    private String logits(Path model) {
        return Outcome.of("logits", "--model", model.toString(), "--ids", "0,2,1,3", "--json")
                .result()
                .replaceAll("\"model\".*", "");
    }

    @Test
    void theFileComputesWhatTheFolderComputes() throws IOException {
        Path out = folder.resolve("out.gguf");
        Outcome outcome = Outcome.of("convert", hub.toString(), out.toString());
        assertEquals("", outcome.result());
        assertTrue(outcome.err().contains("out.gguf: BF16, "), outcome.err());
        assertEquals(logits(hub), logits(out));
        try (GgufFile file = GgufFile.open(out)) {
            assertEquals(
                    DType.BF16, file.find("blk.0.attn_q.weight").orElseThrow().dtype());
            assertEquals("hub", file.metadata().string("general.name"));
            assertEquals(4, file.metadata().integer("tokenizer.ggml.eos_token_id"));
        }
        Outcome.of("convert", hub.toString(), out.toString(), "--type", "Q8_0").result();
        try (GgufFile file = GgufFile.open(out)) {
            assertEquals(
                    DType.F16, file.find("blk.0.attn_q.weight").orElseThrow().dtype());
        }
        String ids = Outcome.of("tokenize", "--model", hub.toString(), "abcab").result();
        assertEquals("2 3 2", ids.strip());
        assertEquals(
                ids, Outcome.of("tokenize", "--model", out.toString(), "abcab").result());
    }

    @Test
    void aFolderIsInspectedAndADefectIsNamed() throws IOException {
        String shown = Outcome.of("inspect", hub.toString()).result();
        assertTrue(shown.contains("safetensors and config.json"), shown);
        assertTrue(shown.contains("blk.0.ffn_down.weight"), shown);
        assertEquals(
                "safetensors",
                JsonText.at(Outcome.of("inspect", "--json", hub.toString()).json(), "format"));
        Path weights = hub.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 2));
        String message =
                Outcome.of("logits", "--model", hub.toString(), "--ids", "1").failure();
        assertTrue(
                message.contains(
                        "model.safetensors: file: expected the bytes of all tensors, found a file that is cut"),
                message);
        Files.delete(hub.resolve("config.json"));
        message = Outcome.of("inspect", hub.toString()).failure();
        assertTrue(message.contains("found no config.json"), message);
        assertTrue(Outcome.of("convert", hub.toString()).refusal().contains("OUT.gguf"));
    }
}
