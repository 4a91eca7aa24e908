// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufWriter;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model larger than the Java heap, on the packaged modules. */
class PackedWeightsIT {
    private static final Path KELVIN = Path.of("..", "kelvin").toAbsolutePath().normalize();

    private static final int DIM = 256;
    private static final int FFN_DIM = 1 << 17;
    private static final String[] TOKENS = {"<unk>", "<s>", "</s>", "a"};

    @TempDir
    Path folder;

    /** Three matrices of 19 MB. */
    private void writeModel() throws IOException {
        HeapTensor gains = HeapTensor.zeros(DIM);
        Arrays.fill(gains.data(), 1);
        new GgufWriter()
                .metadata("general.architecture", "llama")
                .metadata("llama.embedding_length", DIM)
                .metadata("llama.feed_forward_length", FFN_DIM)
                .metadata("llama.attention.head_count", 2)
                .metadata("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .metadata("llama.block_count", 1)
                .metadata("llama.context_length", 32)
                .metadata("tokenizer.ggml.model", "llama")
                .metadata("tokenizer.ggml.tokens", TOKENS)
                .metadata("tokenizer.ggml.scores", new float[TOKENS.length])
                .metadata("tokenizer.ggml.token_type", new int[] {2, 3, 3, 1})
                .tensor("token_embd.weight", Shape.of(TOKENS.length, DIM), (row, values) -> {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) Math.sin(i + row);
                    }
                })
                .tensor("blk.0.attn_norm.weight", gains)
                .tensor("blk.0.attn_q.weight", HeapTensor.zeros(DIM, DIM))
                .tensor("blk.0.attn_k.weight", HeapTensor.zeros(DIM, DIM))
                .tensor("blk.0.attn_v.weight", HeapTensor.zeros(DIM, DIM))
                .tensor("blk.0.attn_output.weight", HeapTensor.zeros(DIM, DIM))
                .tensor("blk.0.ffn_norm.weight", gains)
                .tensor("blk.0.ffn_gate.weight", DType.Q4_0, Shape.of(FFN_DIM, DIM), PackedWeightsIT::writeBlocks)
                .tensor("blk.0.ffn_up.weight", DType.Q4_0, Shape.of(FFN_DIM, DIM), PackedWeightsIT::writeBlocks)
                .tensor("blk.0.ffn_down.weight", DType.Q4_0, Shape.of(DIM, FFN_DIM), PackedWeightsIT::writeBlocks)
                .tensor("output_norm.weight", gains)
                .write(folder.resolve("model.gguf"));
    }

    private static void writeBlocks(OutputStream out) throws IOException {
        byte[] block = new byte[DType.Q4_0.blockBytes()];
        for (int i = 2; i < block.length; i++) {
            block[i] = (byte) (37 * i);
        }
        block[1] = 0x20; // a scale of 2^-7
        for (int i = 0; i < FFN_DIM / DType.Q4_0.blockSize() * DIM; i++) {
            out.write(block);
        }
    }

    private void logits(String javaOptions) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        KELVIN.toString(), "logits", "--model", "model.gguf", "--ids", "1,3", "--json")
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("KELVIN_JAVA_OPTS", javaOptions);
        Process process = builder.start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), () -> javaOptions + ": " + text("err"));
        assertEquals("", text("err"), javaOptions);
    }

    private String text(String file) {
        try {
            return Files.readString(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aLimitOfTheHeapIsNoneOfTheirs() throws Exception {
        writeModel();
        logits("-Xmx40m");
        String result = text("out");
        logits("-Xmx40m -XX:MaxDirectMemorySize=1m");
        assertEquals(result, text("out"));
    }
}
