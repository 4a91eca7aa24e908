// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.Quantizer;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Pooling;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A weight that is no number ends an answer with its tensor's name, never with a token. */
class NonFiniteWeightsTest {
    private static final int[] PROMPT = {0};

    /** The first number of each row is no number any more, so that every expert has one. */
    private static byte[] with(byte[] sound, TensorInfo info, int bits) {
        byte[] bytes = sound.clone();
        ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long rowBytes = info.dtype().byteSize(info.shape().columns());
        for (int row = 0; row < info.shape().rows(); row++) {
            int at = Math.toIntExact(info.byteOffset() + row * rowBytes);
            switch (info.dtype()) {
                case F32 -> all.putInt(at, bits);
                case F16, Q8_0 -> all.putShort(at, (short) 0x7e00);
                default -> throw new AssertionError(info);
            }
        }
        return bytes;
    }

    private static void assertNamed(byte[] file, String tensor, List<Sampler> samplers) throws IOException {
        try (OpenModel open =
                OpenModel.of(GgufFile.of(Path.of("unsound.gguf"), file), Compute.serial(), LoadOptions.QUIET)) {
            Engine engine = new Engine(open.model(), open.tokenizer(), open.compute(), EngineLimits.STANDARD);
            GenerateOptions options = new GenerateOptions(1, 3, samplers);
            Exception failure = assertThrows(
                    IllegalArgumentException.class,
                    () -> Answers.generate(engine, PROMPT, options, id -> {}),
                    tensor + " gave a token");
            assertTrue(failure.getMessage().contains("tensor " + tensor + " has "), failure.getMessage());
            ModelFormatException unsound =
                    assertThrows(ModelFormatException.class, () -> open.nextLogits(PROMPT), tensor + " gave logits");
            ModelFormatException ofText = assertThrows(
                    ModelFormatException.class, () -> open.eachPosition(PROMPT, (position, logits) -> {}), tensor);
            assertEquals(unsound.getMessage(), ofText.getMessage());
            assertNamedByVectors(open.model(), tensor);
            assertTrue(unsound.item().equals("tensor " + tensor) && unsound.byteOffset() > 0, unsound.getMessage());
            assertEquals(2, unsound.getMessage().split(Pattern.quote(tensor), -1).length, unsound.getMessage());
        } catch (ModelFormatException e) {
            // What the plan itself depends on.
            assertTrue(e.item().equals("tensor " + tensor), e.getMessage());
        }
    }

    private static void assertNamedByVectors(Decoder model, String tensor) {
        // The projection to the vocabulary has no part in them.
        if (!tensor.equals("output.weight")) {
            Embedder embedder = new Embedder(model, Pooling.MEAN);
            Exception failure =
                    assertThrows(IllegalArgumentException.class, () -> embedder.embed(List.of(PROMPT)), tensor);
            assertTrue(failure.getMessage().contains("tensor " + tensor + " has "), failure.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-yarn", "gemma3", "llama-moe", "gpt-oss", "mamba2", "qwen35", "lfm2"})
    void eachTensorIsNamed(String name) throws IOException {
        byte[] sound = Files.readAllBytes(SharedData.require("architectures/" + name + ".gguf"));
        int tried = 0;
        try (GgufFile file = GgufFile.of(Path.of("sound.gguf"), sound)) {
            Set<String> computed = LanguageModels.load(file, Compute.serial()).plan().weights().stream()
                    .map(Weight::name)
                    .collect(Collectors.toSet());
            for (TensorInfo info : file.tensors()) {
                if (computed.contains(info.name()) && (info.dtype() == DType.F32 || info.dtype() == DType.F16)) {
                    List<Sampler> samplers = tried++ % 2 == 0
                            ? List.of(new Temperature(0))
                            : List.of(new TopK(3), new Temperature(0.5f));
                    assertNamed(with(sound, info, Float.floatToRawIntBits(Float.NaN)), info.name(), samplers);
                }
            }
        }
        assertTrue(tried > 10, tried + " tensors");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void anInfinityIsNamed(float value) throws IOException {
        byte[] sound = Files.readAllBytes(SharedData.require("architectures/llama-yarn.gguf"));
        try (GgufFile file = GgufFile.of(Path.of("sound.gguf"), sound)) {
            for (String tensor : List.of("blk.1.attn_norm.weight", "blk.0.ffn_down.weight", "output_norm.weight")) {
                byte[] unsound = with(sound, file.find(tensor).orElseThrow(), Float.floatToRawIntBits(value));
                assertNamed(unsound, tensor, List.of(new Temperature(1)));
            }
        }
    }

    @Test
    void aScaleOfCodesThatIsNoNumberIsNamed() throws IOException {
        Path path = Files.createTempFile("codes", ".gguf");
        try {
            try (GgufFile file = GgufFile.open(SharedData.require("stories260K/stories260K.gguf"));
                    Compute compute = Compute.serial()) {
                Quantizer.quantize(file, compute, WeightScheme.Q8_0, path, LoadOptions.QUIET.progress());
            }
            byte[] sound = Files.readAllBytes(path);
            try (GgufFile file = GgufFile.of(path, sound)) {
                TensorInfo info = file.find("blk.2.attn_v.weight").orElseThrow();
                assertNamed(with(sound, info, 0), info.name(), List.of(new Temperature(0)));
            }
        } finally {
            Files.delete(path);
        }
    }
}
