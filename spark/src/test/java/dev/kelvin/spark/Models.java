// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Models that tests run. */
final class Models {
    /** The model that comes with the program: it continues stories. */
    static final Path STORIES = Path.of("../cli/src/main/resources/dev/kelvin/cli/stories.gguf")
            .toAbsolutePath()
            .normalize();

    private static final int DIM = 24;
    private static final int FFN_DIM = 40;
    private static final int HEAD_DIM = 8;
    private static final int LETTERS = 26;
    private static final int VOCAB_SIZE = 3 + LETTERS + 1;

    private Models() {}

    /** A small qwen3 of random weights whose file names a pooling, over lower letters. */
    static Path writeVectors(Path file) throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        GgufWriter writer = new GgufWriter();
        metadata().forEach(writer::metadata);
        tensor(writer, random, "token_embd.weight", VOCAB_SIZE, DIM);
        for (int layer = 0; layer < 2; layer++) {
            String block = "blk." + layer + ".";
            gains(writer, block + "attn_norm.weight", DIM);
            tensor(writer, random, block + "attn_q.weight", 2 * HEAD_DIM, DIM);
            tensor(writer, random, block + "attn_k.weight", HEAD_DIM, DIM);
            tensor(writer, random, block + "attn_v.weight", HEAD_DIM, DIM);
            tensor(writer, random, block + "attn_output.weight", DIM, 2 * HEAD_DIM);
            gains(writer, block + "attn_q_norm.weight", HEAD_DIM);
            gains(writer, block + "attn_k_norm.weight", HEAD_DIM);
            gains(writer, block + "ffn_norm.weight", DIM);
            tensor(writer, random, block + "ffn_gate.weight", FFN_DIM, DIM);
            tensor(writer, random, block + "ffn_up.weight", FFN_DIM, DIM);
            tensor(writer, random, block + "ffn_down.weight", DIM, FFN_DIM);
        }
        gains(writer, "output_norm.weight", DIM);
        writer.write(file);
        return file;
    }

    private static Map<String, Object> metadata() {
        String[] tokens = new String[VOCAB_SIZE];
        int[] types = new int[VOCAB_SIZE];
        for (int id = 0; id < VOCAB_SIZE; id++) {
            tokens[id] = id < 3 ? new String[] {"<unk>", "<s>", "</s>"}[id] : Character.toString(id - 3 + 'a');
            types[id] = id == 0 ? 2 : id < 3 ? 3 : 1;
        }
        tokens[VOCAB_SIZE - 1] = "\u2581";
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", "qwen3");
        metadata.put("qwen3.embedding_length", DIM);
        metadata.put("qwen3.feed_forward_length", FFN_DIM);
        metadata.put("qwen3.attention.head_count", 2);
        metadata.put("qwen3.attention.head_count_kv", 1);
        metadata.put("qwen3.attention.key_length", HEAD_DIM);
        metadata.put("qwen3.attention.value_length", HEAD_DIM);
        metadata.put("qwen3.attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.put("qwen3.block_count", 2);
        metadata.put("qwen3.context_length", 64);
        metadata.put("qwen3.rope.freq_base", 10_000f);
        metadata.put("qwen3.pooling_type", 1);
        metadata.put("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.scores", new float[VOCAB_SIZE]);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.bos_token_id", 1);
        metadata.put("tokenizer.ggml.eos_token_id", 2);
        metadata.put("tokenizer.ggml.unknown_token_id", 0);
        return metadata;
    }

    private static void tensor(GgufWriter writer, SplittableRandom random, String name, int rows, int columns) {
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-0.5, 0.5);
        }
        writer.tensor(name, tensor);
    }

    private static void gains(GgufWriter writer, String name, int columns) {
        HeapTensor tensor = HeapTensor.zeros(columns);
        for (int i = 0; i < columns; i++) {
            tensor.data()[i] = 1;
        }
        writer.tensor(name, tensor);
    }

    /** A file of {@code ../shared/data}; without it the running test ends as skipped, and says so. */
    static Path shared(String relative) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolve("../shared/data").resolve(relative).normalize();
            if (Files.exists(file)) {
                return file;
            }
        }
        System.out.println("SKIPPED: no ../shared/data/" + relative + " beside the checkout");
        assumeTrue(false, "no ../shared/data/" + relative + " beside the checkout");
        throw new AssertionError();
    }
}
