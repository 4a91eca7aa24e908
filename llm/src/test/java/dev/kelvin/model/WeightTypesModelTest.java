// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole model of weights of each type. */
class WeightTypesModelTest {
    private static final ModelConfig CONFIG = new ModelConfig(256, 512, 4, 2, 64, 8, 40, 32, 1e-5f, 10000f, 64);
    private static final int[] TOKENS = {1, 17, 39, 4, 4, 0, 22};

    @TempDir
    Path folder;

    /** Prefill equals decode steps, and the logits are those of a model of the decoded weights. */
    @ParameterizedTest
    @EnumSource
    void computes(WeightScheme scheme) throws IOException {
        TinyLlama tiny = new TinyLlama(CONFIG, scheme == WeightScheme.Q5_K, 3);
        Path plain = tiny.write(folder.resolve("f32.gguf"));
        Path typed = folder.resolve("typed.gguf");
        Path decoded = folder.resolve("decoded.gguf");
        try (Compute compute = Compute.start(2)) {
            convert(plain, typed, scheme, compute);
            convert(typed, decoded, WeightScheme.F32, compute);
            try (GgufFile file = GgufFile.open(typed);
                    GgufFile exact = GgufFile.open(decoded)) {
                Decoder model = LanguageModels.load(file, compute);
                float[] atOnce = Forwards.hidden(model, TOKENS, TOKENS.length).data();
                assertArrayEquals(atOnce, Forwards.hidden(model, TOKENS, 1).data());
                float[] logits = Forwards.logits(model, TOKENS).data();
                float[] expected = Forwards.logits(LanguageModels.load(exact, compute), TOKENS)
                        .data();
                double difference = 0;
                double size = 0;
                for (int i = 0; i < logits.length; i++) {
                    difference += Math.pow(logits[i] - expected[i], 2);
                    size += Math.pow(expected[i], 2);
                }
                // Types whose kernels round activations to 8 bits are off by about a hundredth.
                assertTrue(difference <= 9e-4 * size, scheme + ": off by " + Math.sqrt(difference / size));
            }
        }
    }

    /** Logits by a reference decoder that equals llama-quantize's blocks bit for bit, and float64 from there on. */
    @Test
    void aFileOfNvfp4() throws IOException, JsonSyntaxException {
        Path path = SharedData.require("faults/r18-nvfp4.gguf");
        Map<?, ?> answer =
                (Map<?, ?>) JsonReader.read(Files.readAllBytes(SharedData.require("faults/r18-nvfp4.expected.json")));
        int[] ids = ((List<?>) answer.get("ids"))
                .stream().mapToInt(id -> ((Number) id).intValue()).toArray();
        List<?> expected = (List<?>) answer.get("logits");
        try (GgufFile file = GgufFile.open(path);
                Compute compute = Compute.start(1)) {
            HeapTensor logits = Forwards.logits(LanguageModels.load(file, compute), ids);
            assertEquals(ids.length, expected.size());
            for (int row = 0; row < ids.length; row++) {
                List<?> rowExpected = (List<?>) expected.get(row);
                for (int i = 0; i < logits.columns(); i++) {
                    double exact = ((Number) rowExpected.get(i)).doubleValue();
                    assertEquals(exact, logits.data()[row * logits.columns() + i], 1e-3, "row " + row + ", id " + i);
                }
            }
        }
    }

    /** Loading tells how far it is while it packs, and in the end that it is done; without packing nothing. */
    @Test
    void packingIsTold() throws IOException {
        Path plain = new TinyLlama(CONFIG, false, 3).write(folder.resolve("f32.gguf"));
        Path typed = folder.resolve("typed.gguf");
        List<Long> told = new ArrayList<>();
        try (Compute compute = Compute.start(1)) {
            convert(plain, typed, WeightScheme.Q4_0, compute);
            try (GgufFile file = GgufFile.open(typed)) {
                long bytes = 0;
                for (TensorInfo tensor : file.tensors()) {
                    bytes += tensor.byteSize();
                }
                long total = bytes;
                LanguageModels.load(file, compute, LoadOptions.telling((done, all) -> {
                    assertEquals(total, all);
                    told.add(done);
                }));
                assertTrue(told.size() > CONFIG.layers(), told.toString());
                assertEquals(told.stream().sorted().distinct().toList(), told);
                assertEquals(total, told.getLast());
            }
            try (GgufFile file = GgufFile.open(plain)) {
                LanguageModels.load(file, compute, LoadOptions.telling((done, all) -> fail("nothing is packed here")));
            }
        }
    }

    private static void convert(Path from, Path to, WeightScheme scheme, Compute compute) throws IOException {
        try (GgufFile file = GgufFile.open(from)) {
            Quantizer.quantize(file, compute, scheme, to, (done, total) -> assertTrue(done <= total));
        }
    }

    /** The layers of llama.cpp's mix for a model of 22, as llama-quantize lists them. */
    @Test
    void theMixOfFourBits() {
        Set<Integer> more = new HashSet<>();
        for (int layer = 0; layer < 22; layer++) {
            DType values = WeightScheme.Q4_K_M.typeOf("blk." + layer + ".attn_v.weight", Shape.of(4, 256), 22, false);
            DType down = WeightScheme.Q4_K_M.typeOf("blk." + layer + ".ffn_down.weight", Shape.of(4, 512), 22, false);
            assertEquals(values, down);
            if (values == DType.Q6_K) {
                more.add(layer);
            }
        }
        assertEquals(Set.of(0, 1, 4, 7, 10, 13, 16, 19, 20, 21), more);
    }

    /** As llama-quantize decides by names: routers, convolutions, norms and tables of positions keep their numbers. */
    @Test
    void whatIsNotQuantized() {
        Shape shape = Shape.of(4, 256);
        for (String name : List.of(
                "blk.0.ffn_gate_inp.weight",
                "blk.12.ssm_conv1d.weight",
                "blk.1.shortconv.conv.weight",
                "blk.1.ssm_norm.weight",
                "blk.1.attn_q_norm.weight",
                "position_embd.weight",
                "token_types.weight",
                "per_layer_model_proj.weight",
                "blk.0.ssm_a")) {
            assertEquals(DType.F32, WeightScheme.Q4_K_M.typeOf(name, shape, 22, false), name);
            assertEquals(DType.F32, WeightScheme.F16.typeOf(name, shape, 22, false), name);
        }
        assertEquals(DType.F32, WeightScheme.Q8_0.typeOf("blk.0.attn_q.weight", Shape.of(256), 22, false));
        Shape experts = Shape.of(3, 4, 256);
        assertEquals(DType.Q6_K, WeightScheme.Q4_K_M.typeOf("blk.0.ffn_down_exps.weight", experts, 22, false));
        assertEquals(DType.Q6_K, WeightScheme.Q4_K_M.typeOf("blk.0.ffn_down_shexp.weight", shape, 22, false));
        assertEquals(DType.Q4_K, WeightScheme.Q4_K_M.typeOf("blk.2.ffn_down_exps.weight", experts, 22, false));
        assertEquals(DType.Q4_K, WeightScheme.Q4_K_M.typeOf("blk.0.ffn_gate_exps.weight", experts, 22, false));
        assertEquals(DType.Q5_K, WeightScheme.Q4_K_M.typeOf("blk.0.attn_qkv.weight", shape, 22, false));
        assertEquals(DType.Q8_0, WeightScheme.Q8_0.typeOf("blk.0.shortconv.in_proj.weight", shape, 22, false));
    }
}
