// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A llama model of one layer and a vocabulary of letters, small enough that a fuzzer changes what matters. */
final class TinyModel {
    private static final int DIM = 8;
    private static final int FFN = 8;
    private static final int VOCABULARY = 32;

    /** The bytes of its file. */
    static final byte[] BYTES = write();

    private TinyModel() {}

    private static byte[] write() {
        String[] tokens = new String[VOCABULARY];
        int[] types = new int[VOCABULARY];
        for (int id = 0; id < VOCABULARY; id++) {
            tokens[id] = id < 3 ? new String[] {"<unk>", "<s>", "</s>"}[id] : Character.toString(id - 3 + 'a');
            types[id] = id == 0 ? 2 : id < 3 ? 3 : 1;
        }
        tokens[VOCABULARY - 1] = "\u2581";
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", "llama")
                .metadata("llama.embedding_length", DIM)
                .metadata("llama.feed_forward_length", FFN)
                .metadata("llama.attention.head_count", 2)
                .metadata("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .metadata("llama.block_count", 1)
                .metadata("llama.context_length", 64)
                .metadata("tokenizer.ggml.model", "llama")
                .metadata("tokenizer.ggml.tokens", tokens)
                .metadata("tokenizer.ggml.scores", new float[VOCABULARY])
                .metadata("tokenizer.ggml.token_type", types)
                .metadata("tokenizer.chat_template", "{% for m in messages %}{{ m.role }} {{ m.content }}{% endfor %}");
        SplittableRandom random = new SplittableRandom(1);
        tensor(writer, random, "token_embd", VOCABULARY, DIM);
        for (String name :
                new String[] {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
            tensor(writer, random, "blk.0." + name, DIM, DIM);
        }
        for (String name : new String[] {"blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"}) {
            tensor(writer, random, name, DIM);
        }
        try {
            Path file = Files.createTempFile("tiny", ".gguf");
            try {
                writer.write(file);
                return Files.readAllBytes(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tensor(GgufWriter writer, SplittableRandom random, String name, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextDouble(-1, 1);
        }
        writer.tensor(name + ".weight", tensor);
    }

    /** The file, opened. */
    static GgufFile open() {
        try {
            return GgufFile.of(Path.of("tiny.gguf"), BYTES);
        } catch (ModelFormatException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
