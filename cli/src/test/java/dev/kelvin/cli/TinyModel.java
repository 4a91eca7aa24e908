// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A llama model of random weights, small enough to be written for each test. Its vocabulary tries to break terminals.
 */
final class TinyModel {
    static final int CONTEXT_LENGTH = 32;
    static final int CLEAR_SCREEN_ID = 7;
    static final String CLEAR_SCREEN = "\u001b[2J";

    private static final int DIM = 8;
    private static final int FFN_DIM = 12;
    private static final String[] PIECES = {
        "<unk>",
        "<s>",
        "</s>",
        "\u2581",
        "a",
        "b",
        "\u2581ab",
        CLEAR_SCREEN,
        "<0x0A>",
        "<0xC3>",
        "<0xA9>",
        "日本語",
        "\u2581" + "antidisestablishmentarianism".repeat(4),
        "\\",
        "\"",
        "\u202e"
    };
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;
    private static final int[] TYPES = {
        UNKNOWN, CONTROL, CONTROL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, BYTE, BYTE, BYTE, NORMAL, NORMAL, NORMAL,
        NORMAL, NORMAL
    };
    static final int VOCAB_SIZE = PIECES.length;

    private TinyModel() {}

    static Path write(Path file) throws IOException {
        return write(file, 0);
    }

    /** With one more key. */
    static Path write(Path file, String key, Object value) throws IOException {
        return write(file, 0, Map.of(key, value));
    }

    /** With a number added to the last weight of the output, which is that of the last token. */
    static Path write(Path file, float added) throws IOException {
        return write(file, added, Map.of());
    }

    private static Path write(Path file, float added, Map<String, Object> more) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        GgufWriter writer = new GgufWriter();
        more.forEach(writer::metadata);
        writer.metadata("general.architecture", "llama")
                .metadata("general.name", "tiny\u001b[31m\nmodel")
                .metadata("llama.embedding_length", DIM)
                .metadata("llama.feed_forward_length", FFN_DIM)
                .metadata("llama.attention.head_count", 2)
                .metadata("llama.attention.head_count_kv", 1)
                .metadata("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .metadata("llama.block_count", 1)
                .metadata("llama.context_length", CONTEXT_LENGTH)
                .metadata("tokenizer.ggml.model", "llama")
                .metadata("tokenizer.ggml.tokens", PIECES)
                .metadata("tokenizer.ggml.scores", new float[VOCAB_SIZE])
                .metadata("tokenizer.ggml.token_type", TYPES)
                .metadata("tokenizer.ggml.bos_token_id", 1)
                .metadata("tokenizer.ggml.eos_token_id", 2)
                .metadata("tokenizer.ggml.unknown_token_id", 0)
                .metadata("test.infinite", Float.POSITIVE_INFINITY)
                .tensor("token_embd.weight", uniform(random, VOCAB_SIZE, DIM))
                .tensor("blk.0.attn_norm.weight", uniform(random, DIM))
                .tensor("blk.0.attn_q.weight", uniform(random, DIM, DIM))
                .tensor("blk.0.attn_k.weight", uniform(random, DIM / 2, DIM))
                .tensor("blk.0.attn_v.weight", uniform(random, DIM / 2, DIM))
                .tensor("blk.0.attn_output.weight", uniform(random, DIM, DIM))
                .tensor("blk.0.ffn_norm.weight", uniform(random, DIM))
                .tensor("blk.0.ffn_gate.weight", uniform(random, FFN_DIM, DIM))
                .tensor("blk.0.ffn_up.weight", uniform(random, FFN_DIM, DIM))
                .tensor("blk.0.ffn_down.weight", uniform(random, DIM, FFN_DIM))
                .tensor("output_norm.weight", uniform(random, DIM))
                .tensor("output.weight", output(random, added))
                .write(file);
        return file;
    }

    private static HeapTensor output(SplittableRandom random, float added) {
        HeapTensor output = uniform(random, VOCAB_SIZE, DIM);
        output.data()[output.data().length - 1] += added;
        return output;
    }

    private static HeapTensor uniform(SplittableRandom random, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-1, 1);
        }
        return tensor;
    }
}
