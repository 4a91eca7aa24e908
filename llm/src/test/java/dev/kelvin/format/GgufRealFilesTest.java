// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufRealFilesTest {
    @TempDir
    Path folder;

    @Test
    void stories260K() throws IOException {
        try (GgufFile file = GgufFile.open(SharedData.require("stories260K/stories260K.gguf"))) {
            assertEquals(3, file.version());
            GgufMetadata metadata = file.metadata();
            assertEquals("llama", metadata.string("general.architecture"));
            assertEquals(64, metadata.integer("llama.embedding_length"));
            assertEquals(5, metadata.integer("llama.block_count"));
            assertEquals(172, metadata.integer("llama.feed_forward_length"));
            assertEquals(1e-5f, metadata.real("llama.attention.layer_norm_rms_epsilon"));
            assertEquals(512, metadata.strings("tokenizer.ggml.tokens").length);
            assertEquals(512, metadata.reals("tokenizer.ggml.scores").length);
            assertEquals(512, metadata.integers("tokenizer.ggml.token_type").length);
            assertEquals(48, file.tensors().size());
            TensorInfo embedding = file.find("token_embd.weight").orElseThrow();
            assertEquals(Shape.of(512, 64), embedding.shape());
            assertEquals(DType.F32, embedding.dtype());
            long end = 0;
            long bytes = 0;
            for (TensorInfo tensor : file.tensors()) {
                assertEquals(0, tensor.byteOffset() % 32);
                assertEquals(tensor.shape(), file.tensor(tensor.name()).shape());
                for (float value : file.tensor(tensor.name()).toHeap().data()) {
                    assertTrue(Float.isFinite(value));
                }
                end = Math.max(end, tensor.byteOffset() + tensor.byteSize());
                bytes += tensor.byteSize();
            }
            assertTrue(end <= file.byteSize() && file.byteSize() - end < 32);
            assertTrue(bytes > 1_000_000);
        }
    }

    @Test
    void writtenAnewItIsTheSameModel() throws IOException {
        Path copy = folder.resolve("copy.gguf");
        try (GgufFile file = GgufFile.open(SharedData.require("stories260K/stories260K.gguf"))) {
            GgufWriter writer = new GgufWriter();
            for (Map.Entry<String, Object> entry : file.metadata().asMap().entrySet()) {
                String type = file.metadata().typeName(entry.getKey());
                if (type.startsWith("ARRAY[")) {
                    GgufType element = GgufType.valueOf(type.substring(6, type.length() - 1));
                    writer.array(entry.getKey(), element, entry.getValue());
                } else {
                    writer.metadata(entry.getKey(), GgufType.valueOf(type), entry.getValue());
                }
            }
            for (TensorInfo tensor : file.tensors()) {
                HeapTensor values = file.tensor(tensor.name()).toHeap();
                writer.tensor(tensor.name(), values);
            }
            writer.write(copy);
            assertEquals(-1, Files.mismatch(file.path(), copy), "first differing byte");
        }
    }

    @Test
    void inMemoryAsFromDisk() throws IOException {
        Path path = SharedData.require("stories260K/stories260K.gguf");
        try (GgufFile mapped = GgufFile.open(path);
                GgufFile copied = GgufFile.of(path, Files.readAllBytes(path))) {
            assertEquals(
                    mapped.metadata().asMap().keySet(),
                    copied.metadata().asMap().keySet());
            assertEquals(mapped.tensors(), copied.tensors());
            for (TensorInfo tensor : mapped.tensors()) {
                assertEquals(
                        -1,
                        mapped.tensor(tensor.name())
                                .segment()
                                .mismatch(copied.tensor(tensor.name()).segment()),
                        tensor.name());
            }
        }
        byte[] cut = Arrays.copyOf(Files.readAllBytes(path), 1_000_000);
        assertThrows(ModelFormatException.class, () -> GgufFile.of(path, cut));
        assertThrows(ModelFormatException.class, () -> GgufFile.of(path, new byte[0]));
    }

    @Test
    void vocabularies() throws IOException {
        Path llama = SharedData.require("tokenizers/ggml-vocab-llama-spm.gguf");
        try (GgufFile file = GgufFile.open(llama)) {
            assertTrue(file.tensors().isEmpty());
            assertEquals("llama", file.metadata().string("tokenizer.ggml.model"));
            String[] tokens = file.metadata().strings("tokenizer.ggml.tokens");
            assertEquals(32_000, tokens.length);
            assertArrayEquals(new String[] {"<unk>", "<s>", "</s>", "<0x00>"}, Arrays.copyOf(tokens, 4));
            assertEquals("\u2581the", tokens[278]);
        }
        try (GgufFile file = GgufFile.open(SharedData.require("tokenizers/ggml-vocab-gpt-2.gguf"))) {
            assertEquals("gpt2", file.metadata().string("tokenizer.ggml.model"));
            assertEquals(50_257, file.metadata().strings("tokenizer.ggml.tokens").length);
            assertEquals(50_000, file.metadata().strings("tokenizer.ggml.merges").length);
        }
    }
}
