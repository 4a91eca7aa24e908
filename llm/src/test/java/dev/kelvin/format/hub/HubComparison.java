// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** A GGUF file beside a folder of the hub that was made of it. */
final class HubComparison {
    /** What GGUF files hold and a folder has elsewhere or not at all, and the other way round. */
    private static final String ELSEWHERE =
            "(general\\.(?!architecture).*|tokenizer\\..*|.*\\.(vocab_size|rope\\.freq_base|rope\\.scaling\\.finetuned|"
                    + "rope\\.scaling\\.yarn_attn_factor))";

    private HubComparison() {}

    /** The same metadata and tensors, and the same numbers of the model. */
    static void assertSame(ModelFile gguf, ModelFile hub) throws IOException {
        Set<String> names = new TreeSet<>();
        for (TensorInfo info : gguf.tensors()) {
            names.add(info.name());
            assertEquals(info.shape(), hub.find(info.name()).orElseThrow().shape(), info.name());
            assertArrayEquals(
                    gguf.tensor(info.name()).toHeap().data(),
                    hub.tensor(info.name()).toHeap().data(),
                    2e-7f,
                    info.name());
        }
        Set<String> found = new TreeSet<>();
        hub.tensors().forEach(info -> found.add(info.name()));
        assertEquals(names, found);
        assertSameModel(gguf, hub);
    }

    /** Whatever keys the architecture asks for, the folder has them. */
    static void assertSameModel(ModelFile gguf, ModelFile hub) throws IOException {
        try (Compute compute = Compute.start(1)) {
            Decoder expected;
            try {
                expected = LanguageModels.load(gguf, compute);
            } catch (ModelFormatException notComputed) {
                return;
            }
            float tolerance = sameTensors(gguf, hub) ? 0 : 1e-4f;
            Decoder found = LanguageModels.load(hub, compute);
            assertArrayEquals(hidden(expected).data(), hidden(found).data(), tolerance);
            if (expected.plan().output() != null) {
                assertArrayEquals(logits(expected).data(), logits(found).data(), 10 * tolerance);
            }
        }
    }

    /** Whether no number was rounded on the way there and back, as 1 + (w − 1) is. */
    static boolean sameTensors(ModelFile gguf, ModelFile hub) throws IOException {
        for (TensorInfo info : gguf.tensors()) {
            if (hub.tensor(info.name())
                            .segment()
                            .mismatch(gguf.tensor(info.name()).segment())
                    >= 0) {
                return false;
            }
        }
        return true;
    }

    static HeapTensor hidden(Decoder model) {
        int[] tokens = {5, 17, 200, 3, 3, 99, 250, 41, 8, 120};
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] %= model.plan().sizes().vocabSize();
        }
        HeapTensor hidden = HeapTensor.zeros(tokens.length, model.plan().sizes().dim());
        model.append(model.newPool().newSequence(), tokens, 0, tokens.length, hidden);
        return hidden;
    }

    private static HeapTensor logits(Decoder model) {
        HeapTensor hidden = hidden(model);
        HeapTensor logits = HeapTensor.zeros(hidden.rows(), model.plan().sizes().vocabSize());
        model.head().forward(hidden, logits);
        return logits;
    }

    /** What sentence-transformers says of a model that makes vectors. */
    static void writeModules(GgufFile gguf, Path folder) throws IOException {
        Object type = gguf.metadata().asMap().get(gguf.metadata().string("general.architecture") + ".pooling_type");
        if (type == null) {
            return;
        }
        String prefix = "sentence_transformers.models.";
        Files.writeString(
                folder.resolve("modules.json"),
                "[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":\"" + prefix + "Transformer\"},"
                        + "{\"idx\":1,\"name\":\"1\",\"path\":\"1_Pooling\",\"type\":\"" + prefix + "Pooling\"},"
                        + "{\"idx\":2,\"name\":\"2\",\"path\":\"2_Normalize\",\"type\":\"" + prefix + "Normalize\"}]");
        Files.createDirectories(folder.resolve("1_Pooling"));
        boolean mean = type.toString().equals("1");
        Files.writeString(
                folder.resolve("1_Pooling/config.json"),
                "{\"pooling_mode_cls_token\":" + !mean + ",\"pooling_mode_mean_tokens\":" + mean + "}");
    }

    static void assertSameMetadata(ModelFile gguf, ModelFile hub) {
        Set<String> keys = new TreeSet<>(gguf.metadata().asMap().keySet());
        keys.addAll(hub.metadata().asMap().keySet());
        keys.removeIf(key -> key.matches(ELSEWHERE));
        for (String key : keys) {
            Object expected = gguf.metadata().asMap().get(key);
            Object found = hub.metadata().asMap().get(key);
            assertEquals(show(expected), show(found), key);
        }
    }

    static String show(Object value) {
        return switch (value) {
            case null -> "missing";
            case boolean[] flags -> Arrays.toString(flags);
            case int[] integers -> Arrays.toString(integers);
            case long[] integers -> Arrays.toString(integers);
            default -> value.toString();
        };
    }
}
