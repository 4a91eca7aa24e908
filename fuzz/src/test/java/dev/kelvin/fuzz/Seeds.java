// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the inputs that the fuzzer starts from and that are no texts: one sound file of each kind, as small as it can
 * be. {@code java dev.kelvin.fuzz.Seeds FOLDER} makes those of the resources again; the texts among these were written
 * by hand, each for code that no other reaches.
 */
final class Seeds {
    private final Path folder;

    private Seeds(Path folder) {
        this.folder = folder;
    }

    public static void main(String... arguments) throws IOException {
        new Seeds(Path.of(arguments[0])).write();
    }

    private void write() throws IOException {
        put("gguf", "tiny", TinyModel.BYTES);
        put("hub", "llama", hub());
        put("llama2c", "tiny", llama2c());
        Path file = Files.createTempFile("seed", ".bin");
        RestoredFiles.trainer().save(file);
        put("checkpoint", "fresh", Files.readAllBytes(file));
        RestoredFiles.answer(RestoredFiles.engine());
        RestoredFiles.engine().saveCache(file, RestoredFiles.fingerprint());
        put("cachedPrefixes", "one", Files.readAllBytes(file));
        Files.delete(file);
    }

    private void put(String target, String name, byte[] bytes) throws IOException {
        Files.write(Files.createDirectories(folder.resolve(target)).resolve(name), bytes);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] hub() throws ModelFormatException {
        String config = "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"hidden_size\":4,"
                + "\"intermediate_size\":4,\"num_hidden_layers\":1,\"num_attention_heads\":1,\"num_key_value_heads\":1,"
                + "\"max_position_embeddings\":8,\"vocab_size\":3,\"rms_norm_eps\":1e-5,\"rope_theta\":10000.0,"
                + "\"tie_word_embeddings\":true,\"hidden_act\":\"silu\"}";
        String layer = "model.layers.0.";
        List<String> matrices = new ArrayList<>();
        for (String name : new String[] {"q", "k", "v", "o"}) {
            matrices.add(layer + "self_attn." + name + "_proj.weight");
        }
        for (String name : new String[] {"gate", "up", "down"}) {
            matrices.add(layer + "mlp." + name + "_proj.weight");
        }
        Map<String, Object> header = new LinkedHashMap<>();
        int end = 0;
        end = put(header, "model.embed_tokens.weight", end, 3, 4);
        for (String name : matrices) {
            end = put(header, name, end, 4, 4);
        }
        end = put(header, layer + "input_layernorm.weight", end, 4);
        end = put(header, layer + "post_attention_layernorm.weight", end, 4);
        end = put(header, "model.norm.weight", end, 4);
        byte[] json = text(JsonWriter.write(header));
        ByteBuffer tensors = ByteBuffer.allocate(Long.BYTES + json.length + end).order(ByteOrder.LITTLE_ENDIAN);
        tensors.putLong(json.length).put(json);
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(text(config + '\0'));
        both.writeBytes(tensors.array());
        return both.toByteArray();
    }

    private static int put(Map<String, Object> header, String name, int begin, int... dims) {
        int bytes = 2;
        List<Object> shape = new ArrayList<>();
        for (int dim : dims) {
            bytes *= dim;
            shape.add((long) dim);
        }
        List<Object> offsets = List.of((long) begin, (long) begin + bytes);
        header.put(name, Map.of("dtype", "BF16", "shape", shape, "data_offsets", offsets));
        return begin + bytes;
    }

    /** Version 1: D 2, F 2, one layer, one head, V 4, four positions. */
    private static byte[] llama2c() {
        int floats = 2 + 2 + 2 + 4 * 2 + 4 * 4 + 3 * 4;
        ByteBuffer bytes = ByteBuffer.allocate(256 + floats * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(0x616b3432).putInt(1);
        for (int size : new int[] {2, 2, 1, 1, 1, 4, 4}) {
            bytes.putInt(size);
        }
        bytes.put((byte) 1).position(256);
        for (int i = 0; i < floats; i++) {
            bytes.putFloat(0.1f * i);
        }
        return bytes.array();
    }
}
