// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.hub.ModelFiles;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** stories260K written as llama2.c has it, in each form, against the GGUF file of the same numbers. */
class Llama2cFileTest {
    private static final String STORIES = "stories260K/stories260K.gguf";
    private static final int GROUP = 4;

    @TempDir
    Path folder;

    /** The names of the matrices of a layer, in the order of the checkpoints. */
    private static final List<String> ATTENTION = List.of("attn_q", "attn_k", "attn_v", "attn_output");

    private static final List<String> FEED_FORWARD = List.of("ffn_gate", "ffn_down", "ffn_up");

    /** Writes numbers, or codes and scales, behind each other. */
    private static final class Written {
        private final GgufFile file;
        private final int group;
        private final boolean tied;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final GgufWriter same = new GgufWriter();

        Written(GgufFile file, int group, boolean tied) throws IOException {
            this.file = file;
            this.group = group;
            this.tied = tied;
            same.metadataOf(file, Set.of());
        }

        private void ints(int... values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(values);
            out.writeBytes(bytes.array());
        }

        private void floats(float... values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            out.writeBytes(bytes.array());
        }

        void header(int version) throws ModelFormatException {
            GgufMetadata keys = file.metadata();
            int vocabSize = keys.strings("tokenizer.ggml.tokens").length;
            if (version > 0) {
                ints(0x616b3432, version);
            }
            ints(
                    keys.integer("llama.embedding_length"),
                    keys.integer("llama.feed_forward_length"),
                    keys.integer("llama.block_count"),
                    keys.integer("llama.attention.head_count"),
                    keys.integer("llama.attention.head_count_kv"),
                    version == 0 && !tied ? -vocabSize : vocabSize,
                    keys.integer("llama.context_length"));
            if (version > 0) {
                out.write(tied ? 1 : 0);
                if (version == 2) {
                    ints(group);
                }
                out.writeBytes(new byte[256 - out.size()]);
            }
        }

        void norm(String name) throws ModelFormatException {
            HeapTensor numbers = file.tensor(name + ".weight").toHeap();
            floats(numbers.data());
            same.tensor(name + ".weight", numbers);
        }

        void norms(String name) throws ModelFormatException {
            for (int layer = 0; layer < 5; layer++) {
                norm("blk." + layer + "." + name);
            }
        }

        void matrices(List<String> names) throws ModelFormatException {
            for (String name : names) {
                for (int layer = 0; layer < 5; layer++) {
                    matrix("blk." + layer + "." + name);
                }
            }
        }

        void matrix(String name) throws ModelFormatException {
            HeapTensor numbers = file.tensor(name + ".weight").toHeap();
            if (group == 0) {
                norm(name);
                return;
            }
            float[] values = numbers.data();
            float[] scales = new float[values.length / group];
            byte[] codes = new byte[values.length];
            for (int i = 0; i < values.length; i += group) {
                float most = 0;
                for (int j = i; j < i + group; j++) {
                    most = Math.max(most, Math.abs(values[j]));
                }
                float scale = most / 127;
                scales[i / group] = scale;
                for (int j = i; j < i + group; j++) {
                    codes[j] = (byte) Math.round(values[j] / scale);
                    values[j] = codes[j] * scale;
                }
            }
            out.writeBytes(codes);
            floats(scales);
            same.tensor(name + ".weight", numbers);
        }

        void all(int version) throws ModelFormatException {
            header(version);
            if (version == 0) {
                matrix("token_embd");
                norms("attn_norm");
                matrices(ATTENTION);
                norms("ffn_norm");
                matrices(FEED_FORWARD);
                norm("output_norm");
                floats(new float[512 * 8]); // cosines and sines, which nobody reads
            } else {
                norms("attn_norm");
                norms("ffn_norm");
                norm("output_norm");
                matrix("token_embd");
                matrices(ATTENTION);
                matrices(FEED_FORWARD);
            }
            if (!tied) {
                matrix("output");
            }
        }

        void vocabulary(Path path) throws IOException {
            out.reset();
            String[] tokens = file.metadata().strings("tokenizer.ggml.tokens");
            float[] scores = file.metadata().reals("tokenizer.ggml.scores");
            ints(27);
            for (int id = 0; id < tokens.length; id++) {
                String text = id == 1 || id == 2 ? "\n" + tokens[id] + "\n" : tokens[id].replace('\u2581', ' ');
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                floats(scores[id]);
                ints(bytes.length);
                out.writeBytes(bytes);
            }
            Files.write(path, out.toByteArray());
        }
    }

    private static float[] logits(ModelFile file, int... ids) throws IOException {
        try (Compute compute = Compute.start(1)) {
            Decoder model = LanguageModels.load(file, compute);
            HeapTensor hidden =
                    HeapTensor.zeros(ids.length, model.plan().sizes().dim());
            model.append(model.newPool().newSequence(), ids, 0, ids.length, hidden);
            HeapTensor logits =
                    HeapTensor.zeros(ids.length, model.plan().sizes().vocabSize());
            model.head().forward(hidden, logits);
            return logits.data();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, false", "0, 0, true", "1, 0, false", "1, 0, true", "2, 4, false", "2, 4, true"})
    void theSameBitsAsGguf(int version, int group, boolean tied) throws IOException {
        Path bin = folder.resolve("stories.bin");
        Path same = folder.resolve("same.gguf");
        try (GgufFile gguf = GgufFile.open(SharedData.require(STORIES))) {
            Written written = new Written(gguf, group, tied);
            written.all(version);
            Files.write(bin, written.out.toByteArray());
            written.same.write(same);
            written.vocabulary(folder.resolve("tokenizer.bin"));
        }
        try (ModelFile file = ModelFiles.open(bin);
                GgufFile gguf = GgufFile.open(same)) {
            assertTrue(file instanceof Llama2cFile, file.toString());
            float[] expected = logits(gguf, 1, 403, 407, 261, 378);
            float[] found = logits(file, 1, 403, 407, 261, 378);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(found[i]), "logit " + i);
            }
            Tokenizer ofFile = Tokenizers.of(file);
            Tokenizer ofGguf = Tokenizers.of(gguf);
            for (String text : List.of("Once upon a time", " two  blanks", "\u00e9\u65e5\n", "")) {
                assertArrayEquals(ofGguf.encode(text), ofFile.encode(text), text);
            }
            assertEquals(1, ofFile.bosId());
            assertEquals(2, ofFile.eosId());
            assertEquals(tied ? 47 : 48, file.tensors().size());
        }
    }

    private byte[] sound(int version) throws IOException {
        try (GgufFile gguf = GgufFile.open(SharedData.require(STORIES))) {
            Written written = new Written(gguf, version == 2 ? GROUP : 0, false);
            written.all(version);
            byte[] bytes = written.out.toByteArray();
            written.vocabulary(folder.resolve("tokenizer.bin"));
            return bytes;
        }
    }

    private String refused(byte[] bytes) throws IOException {
        Path bin = folder.resolve("bad.bin");
        Files.write(bin, bytes);
        return assertThrows(
                        ModelFormatException.class, () -> Llama2cFile.open(bin).close())
                .getMessage();
    }

    @Test
    void filesThatAreNotSound() throws IOException {
        byte[] first = sound(0);
        byte[] third = sound(2);
        assertTrue(refused(Arrays.copyOf(first, first.length - 1)).contains("bytes, as its header says"));
        assertTrue(refused(Arrays.copyOf(third, third.length + 4)).contains("bytes, as its header says"));
        assertTrue(refused(new byte[0]).contains("header: expected sizes"));
        List<byte[]> odd = new ArrayList<>();
        for (int at : new int[] {0, 12, 16, 20, 24}) {
            byte[] changed = first.clone();
            ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, at == 16 ? 3 : Integer.MIN_VALUE);
            odd.add(changed);
        }
        byte[] version = third.clone();
        version[4] = 9;
        odd.add(version);
        byte[] group = third.clone();
        ByteBuffer.wrap(group).order(ByteOrder.LITTLE_ENDIAN).putInt(37, 5);
        odd.add(group);
        for (byte[] bytes : odd) {
            assertTrue(refused(bytes).contains("header: expected sizes"), refused(bytes));
        }
        // What only looks like one is told of as no GGUF file.
        Path bin = folder.resolve("other.bin");
        Files.write(bin, Arrays.copyOf(first, first.length - 1));
        assertFalse(Llama2cFile.isOne(bin));
        String message = assertThrows(
                        ModelFormatException.class, () -> ModelFiles.open(bin).close())
                .getMessage();
        assertTrue(message.contains("GGUF"), message);
    }

    @Test
    void vocabulariesThatAreNotSound() throws IOException {
        byte[] model = sound(1);
        Path path = folder.resolve("tokenizer.bin");
        byte[] vocabulary = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(vocabulary, vocabulary.length - 1));
        assertTrue(refused(model).contains("tokenizer.bin"));
        Files.write(path, Arrays.copyOf(vocabulary, vocabulary.length + 1));
        assertTrue(refused(model).contains("its end after 512 tokens, found 1 bytes more"));
        Files.write(path, Arrays.copyOf(vocabulary, 100));
        assertTrue(refused(model).contains("512 tokens, as the model has"));
        byte[] length = vocabulary.clone();
        ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -5);
        Files.write(path, length);
        assertTrue(refused(model).contains("the length of a token, found -5"));
        byte[] text = vocabulary.clone();
        text[12] = (byte) 0xff;
        Files.write(path, text);
        assertTrue(refused(model).contains("a token in UTF-8"));
        Files.delete(path);
        Path bin = folder.resolve("alone.bin");
        Files.write(bin, model);
        try (ModelFile file = ModelFiles.open(bin)) {
            assertEquals(512, logits(file, 1).length);
            assertThrows(ModelFormatException.class, () -> Tokenizers.of(file));
        }
    }
}
