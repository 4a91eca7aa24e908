// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that must not load, each one step away from a file that does. */
class LlamaRefusalTest {
    @TempDir
    private Path folder;

    private static TinyLlama tiny() {
        return new TinyLlama(TinyLlama.oddConfig(), false, 1);
    }

    private ModelFormatException refused(Path path, String... parts) throws IOException {
        try (Compute compute = Compute.serial();
                GgufFile file = GgufFile.open(path)) {
            ModelFormatException e = assertThrows(ModelFormatException.class, () -> LanguageModels.load(file, compute));
            assertEquals(path, e.path());
            for (String part : parts) {
                assertTrue(e.getMessage().contains(part), e.getMessage() + " should contain " + part);
            }
            return e;
        }
    }

    private void refused(Consumer<TinyLlama> change, String... parts) throws IOException {
        TinyLlama model = tiny();
        change.accept(model);
        refused(model.write(folder.resolve("changed.gguf")), parts);
    }

    private void refusedKey(String key, Object value, String... parts) throws IOException {
        refused(model -> model.metadata.put(key, value), parts);
        refused(model -> model.metadata.put(key, value), "key " + key);
    }

    @Test
    void otherArchitectures() throws IOException {
        refusedKey("general.architecture", "mamba", "can be computed (llama, gpt2,", "found mamba");
        refused(model -> model.metadata.remove("general.architecture"), "general.architecture");
        refusedKey("general.architecture", "Llama", "found Llama");
    }

    @Test
    void missingKeys() throws IOException {
        for (String key : new String[] {
            "llama.embedding_length",
            "llama.feed_forward_length",
            "llama.attention.head_count",
            "llama.attention.layer_norm_rms_epsilon",
            "llama.block_count",
            "llama.context_length",
            "llama.vocab_size"
        }) {
            refused(model -> model.metadata.remove(key), key);
        }
    }

    @Test
    void countsMustBePositiveIntegers() throws IOException {
        for (String key : new String[] {
            "llama.embedding_length",
            "llama.feed_forward_length",
            "llama.attention.head_count",
            "llama.attention.head_count_kv",
            "llama.attention.key_length",
            "llama.block_count",
            "llama.context_length",
            "llama.vocab_size"
        }) {
            refusedKey(key, 0);
            refusedKey(key, -5);
            refusedKey(key, 1L << 31);
            refusedKey(key, "12");
        }
    }

    @Test
    void sizesMustFitTogether() throws IOException {
        refusedKey("llama.attention.head_count_kv", 4, "a divisor of head_count 6", "found 4");
        refusedKey("llama.attention.head_count_kv", 12, "a divisor of head_count 6");
        refused(
                model -> {
                    model.metadata.remove("llama.attention.key_length");
                    model.metadata.put("llama.attention.head_count", 10);
                },
                "key llama.attention.head_count",
                "a divisor of embedding_length 36",
                "found 10");
        refusedKey("llama.attention.key_length", 1 << 30);
        refusedKey("llama.attention.value_length", 12, "found 12");
        for (int dims : new int[] {0, -2, 3, 12}) {
            refusedKey("llama.rope.dimension_count", dims, "found " + dims);
        }
    }

    @Test
    void realNumbersMustBePositiveAndFinite() throws IOException {
        for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refusedKey("llama.attention.layer_norm_rms_epsilon", bad);
            refusedKey("llama.rope.freq_base", bad);
        }
    }

    @Test
    void whatWouldChangeTheResultIsNotIgnored() throws IOException {
        refused(model -> model.metadata.put("llama.expert_count", 8), "tensor blk.0.ffn_gate_exps.weight");
        refusedKey("llama.rope.scaling.type", "su", "found su");
        refusedKey("llama.logit_scale", 0.5f, "change the result", "found 0.5");
        refusedKey("llama.embedding_scale", 12f, "found 12.0");
        refusedKey("llama.final_logit_softcapping", 30f);
        refusedKey("llama.use_parallel_residual", true);
        for (float bad : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refusedKey("llama.attention.scale", bad);
        }
        refusedKey("llama.rope.scaling.factor", -4f);
        refusedKey("llama.attention.causal", false);
        refusedKey("llama.attention.sliding_window", 4096);
    }

    @Test
    void layersMustBeAlike() throws IOException {
        refusedKey("llama.attention.head_count_kv", new int[] {2, 2, 3}, "one value for all layers", "found [2, 2, 3]");
        refusedKey("llama.attention.head_count", new int[0], "a value", "an empty array");
        refusedKey("llama.attention.layer_norm_rms_epsilon", new float[] {1e-5f, 1e-6f}, "one value for all layers");
    }

    @Test
    void vocabularyMustHaveOneSize() throws IOException {
        refused(
                model -> model.metadata.put(
                        "tokenizer.ggml.tokens", "a ".repeat(70).split(" ", 70)),
                "tensor token_embd.weight",
                "expected [70, 36]",
                "found [71, 36]");
        refused(
                model -> {
                    model.metadata.remove("llama.vocab_size");
                    model.metadata.put("tokenizer.ggml.tokens", new String[0]);
                },
                "key tokenizer.ggml.tokens");
    }

    @Test
    void everyTensorMustBeThere() throws IOException {
        for (String name : tiny().tensors.keySet()) {
            if (!name.equals("output.weight")) {
                refused(model -> model.tensors.remove(name), "tensor " + name, "no such tensor");
            }
        }
    }

    @Test
    void everyTensorMustHaveItsShape() throws IOException {
        for (String name : tiny().tensors.keySet()) {
            HeapTensor right = tiny().tensors.get(name);
            int[] longer = right.shape().dims();
            longer[longer.length - 1]++;
            int[] deeper = new int[longer.length + 1];
            deeper[0] = 1;
            System.arraycopy(right.shape().dims(), 0, deeper, 1, longer.length);
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
                model -> model.tensors.put("blk.1.ffn_down.weight", HeapTensor.zeros(53, 36)),
                "tensor blk.1.ffn_down.weight",
                "expected [36, 53], found [53, 36]");
    }

    @Test
    void tensorsThatWouldBeIgnoredAreRefused() throws IOException {
        refused(
                model -> {
                    model.tensors.put("blk.0.attn_q_norm.weight", HeapTensor.zeros(10));
                    model.tensors.put("blk.0.attn_k_norm.weight", HeapTensor.zeros(10));
                },
                "tensor blk.0.attn_q_norm.weight",
                "2 that would be ignored");
        refused(model -> model.metadata.put("llama.block_count", 2), "tensor blk.2.attn_norm.weight", "9 that");
    }

    @Test
    void ropeFactorsMustBePositive() throws IOException {
        for (float bad : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
            refused(
                    model -> model.tensors.put("rope_freqs.weight", HeapTensor.of(new float[] {1, 1, bad, 1, 1}, 5)),
                    "tensor rope_freqs.weight",
                    bad + " at index 2");
        }
        refused(
                model -> model.tensors.put("rope_freqs.weight", HeapTensor.zeros(4)),
                "tensor rope_freqs.weight",
                "expected [5], found [4]");
    }

    @Test
    void otherWeightTypesAreRefusedByName() throws IOException {
        for (String name :
                new String[] {"token_embd.weight", "blk.2.attn_v.weight", "blk.0.attn_norm.weight", "output.weight"}) {
            Path path = tiny().write(folder.resolve("typed.gguf"));
            setType(path, name, DType.I32);
            refused(path, "tensor " + name, "F32, F16, Q4_0", "found I32");
        }
    }

    /** Changes the type in a tensor's entry: name, number of dimensions (u32), dimensions (u64 each), type (u32). */
    private static void setType(Path path, String name, DType type) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        // The length (u64) before the name tells it from longer names that end in it.
        String entry = (char) name.length() + "\0\0\0\0\0\0\0" + name;
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(entry);
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int rankOffset = at + entry.length();
        int typeOffset = rankOffset + Integer.BYTES + buffer.getInt(rankOffset) * Long.BYTES;
        assertEquals(DType.F32.ggmlId(), buffer.getInt(typeOffset));
        buffer.putInt(typeOffset, type.ggmlId());
        Files.write(path, bytes);
    }

    @Test
    void anAnnouncedSizeAllocatesNothing() throws IOException {
        int huge = Integer.MAX_VALUE;
        refused(model -> model.metadata.put("llama.block_count", huge), "key llama.block_count");
        refused(model -> model.metadata.put("llama.feed_forward_length", huge), "tensor blk.0.ffn_gate.weight");
        refused(model -> model.metadata.put("llama.vocab_size", huge), "tensor token_embd.weight");
        refused(
                model -> {
                    model.metadata.put("llama.attention.head_count", 1);
                    model.metadata.put("llama.attention.head_count_kv", 1);
                    model.metadata.put("llama.attention.key_length", huge);
                    model.metadata.put("llama.attention.value_length", huge);
                },
                "tensor blk.0.attn_q.weight");
        refused(model -> model.metadata.put("llama.embedding_length", huge), "tensor token_embd.weight");
    }
}
