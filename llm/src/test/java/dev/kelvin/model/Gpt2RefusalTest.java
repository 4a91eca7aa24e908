// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPT-2 files that must not load, each one step away from a file that does. */
class Gpt2RefusalTest {
    @TempDir
    private Path folder;

    private void refused(Consumer<TinyGpt2> change, String... parts) throws IOException {
        TinyGpt2 model = new TinyGpt2();
        change.accept(model);
        Path path = model.write(folder.resolve("changed.gguf"));
        try (Compute compute = Compute.serial();
                GgufFile file = GgufFile.open(path)) {
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> LanguageModels.load(file, compute));
            assertEquals(path, e.path());
            for (String part : parts) {
                assertTrue(e.getMessage().contains(part), e.getMessage() + " should contain " + part);
            }
        }
    }

    private void refusedKey(String key, Object value, String... parts) throws IOException {
        refused(model -> model.metadata.put(key, value), parts);
        refused(model -> model.metadata.put(key, value), "key " + key);
    }

    @Test
    void theUnchangedFileLoads() throws IOException {
        try (Compute compute = Compute.serial();
                GgufFile file = GgufFile.open(new TinyGpt2().write(folder.resolve("right.gguf")))) {
            Decoder model = LanguageModels.load(file, compute);
            assertEquals(TinyGpt2.VOCAB_SIZE, model.plan().sizes().vocabSize());
        }
        TinyGpt2 tied = new TinyGpt2();
        tied.tensors.remove("output.weight");
        try (Compute compute = Compute.serial();
                GgufFile file = GgufFile.open(tied.write(folder.resolve("tied.gguf")))) {
            LanguageModels.load(file, compute);
        }
    }

    @Test
    void otherArchitectures() throws IOException {
        refused(model -> model.metadata.put("general.architecture", "GPT2"), "found GPT2");
    }

    @Test
    void missingKeys() throws IOException {
        for (String key : new TinyGpt2().metadata.keySet()) {
            refused(model -> model.metadata.remove(key), key);
        }
    }

    @Test
    void countsMustBePositiveIntegers() throws IOException {
        for (String key : new String[] {
            "gpt2.embedding_length",
            "gpt2.feed_forward_length",
            "gpt2.attention.head_count",
            "gpt2.block_count",
            "gpt2.context_length"
        }) {
            refusedKey(key, 0);
            refusedKey(key, -5);
            refusedKey(key, 1L << 31);
            refusedKey(key, "12");
        }
    }

    @Test
    void headsMustDivideTheWidth() throws IOException {
        refusedKey("gpt2.attention.head_count", 10, "a divisor of embedding_length 36", "found 10");
        refusedKey("gpt2.attention.head_count_kv", 4, "a divisor of head_count 6", "found 4");
        refused(
                model -> model.metadata.put("gpt2.attention.head_count_kv", 3),
                "tensor blk.0.attn_qkv.weight",
                "expected [72, 36], found [108, 36]");
    }

    @Test
    void whatWouldChangeTheResultAndIsNotComputed() throws IOException {
        refusedKey("gpt2.attention.key_length", 7, "expected 6", "found 7");
        refusedKey("gpt2.attention.value_length", 5, "the key length 6", "found 5");
        refusedKey("gpt2.attention.sliding_window", 16, "change the result", "found 16");
        refusedKey("gpt2.expert_count", 8, "change the result", "found 8");
        refusedKey("gpt2.attention.causal", false, "change the result", "found false");
    }

    @Test
    void epsilonMustBePositiveAndFinite() throws IOException {
        for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refusedKey("gpt2.attention.layer_norm_epsilon", bad);
        }
    }

    @Test
    void aVocabularyMustHaveTokensAndRows() throws IOException {
        refusedKey("tokenizer.ggml.tokens", new String[0], "at least one token");
        refused(
                model -> model.metadata.put("tokenizer.ggml.tokens", new String[] {"a", "b"}),
                "tensor token_embd.weight",
                "expected [2, 36], found [71, 36]");
    }

    @Test
    void everyTensorMustBeThere() throws IOException {
        for (String name : new TinyGpt2().tensors.keySet()) {
            if (!name.equals("output.weight")) {
                refused(model -> model.tensors.remove(name), "tensor " + name, "no such tensor");
            }
        }
    }

    @Test
    void everyTensorMustHaveItsShape() throws IOException {
        for (String name : new TinyGpt2().tensors.keySet()) {
            HeapTensor right = new TinyGpt2().tensors.get(name);
            int[] longer = right.shape().dims();
            longer[longer.length - 1]++;
            int[] deeper = new int[longer.length + 1];
            deeper[0] = 1;
            System.arraycopy(right.shape().dims(), 0, deeper, 1, right.shape().rank());
            for (int[] dims : new int[][] {longer, deeper}) {
                HeapTensor wrong = HeapTensor.zeros(dims);
                refused(
                        model -> model.tensors.put(name, wrong),
                        "tensor " + name,
                        "expected " + right.shape(),
                        "found " + wrong.shape(),
                        "byte offset");
            }
        }
    }

    @Test
    void transposedMatricesAreRefused() throws IOException {
        refused(
                model -> model.tensors.put("blk.1.attn_qkv.weight", HeapTensor.zeros(36, 108)),
                "tensor blk.1.attn_qkv.weight",
                "expected [108, 36], found [36, 108]");
    }

    @Test
    void tensorsThatWouldBeIgnoredAreRefused() throws IOException {
        refused(
                model -> model.tensors.put("blk.0.attn_q.weight", HeapTensor.zeros(36, 36)),
                "tensor blk.0.attn_q.weight",
                "1 that would be ignored");
        refused(model -> model.metadata.put("gpt2.block_count", 1), "tensor blk.1.attn_norm.weight", "12 that");
    }

    @Test
    void anAnnouncedSizeAllocatesNothing() throws IOException {
        int huge = Integer.MAX_VALUE;
        refused(model -> model.metadata.put("gpt2.block_count", huge), "key gpt2.block_count");
        refused(model -> model.metadata.put("gpt2.feed_forward_length", huge), "tensor blk.0.ffn_up.weight");
        refused(model -> model.metadata.put("gpt2.context_length", huge), "tensor position_embd.weight");
        refused(
                model -> {
                    model.metadata.put("gpt2.attention.head_count", 1);
                    model.metadata.put("gpt2.embedding_length", huge);
                },
                "tensor token_embd.weight");
    }
}
