// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.Progress;
import dev.kelvin.model.Quantizer;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders of the hub: what they are refused for, what comes along, and that they become GGUF files. */
class HubFolderTest {
    @TempDir
    Path folder;

    /** Half-precision weights are read as they are; the rest of the model is computed from them. */
    @ParameterizedTest
    @CsvSource({"F16", "BF16"})
    void halfPrecision(DType type) throws IOException {
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/gemma2.gguf"))) {
            HubWriter.write(gguf, folder, Map.of("architectures", List.of("Gemma2ForCausalLM")), type, 1);
            try (ModelFile hub = ModelFiles.open(folder)) {
                assertEquals(type, hub.find("blk.0.attn_q.weight").orElseThrow().dtype());
                assertEquals(
                        DType.F32,
                        hub.find("blk.0.attn_norm.weight").orElseThrow().dtype());
                for (TensorInfo info : gguf.tensors()) {
                    assertArrayEquals(
                            gguf.tensor(info.name()).toHeap().data(),
                            hub.tensor(info.name()).toHeap().data(),
                            0.02f,
                            info.name());
                }
            }
        }
    }

    private Path sound() throws IOException {
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/qwen3.gguf"))) {
            HubWriter.write(gguf, folder, Map.of("architectures", List.of("Qwen3ForCausalLM")), DType.F32, 2);
        }
        return folder.resolve("config.json");
    }

    private ModelFormatException refused() {
        return assertThrows(
                ModelFormatException.class, () -> ModelFiles.open(folder).close());
    }

    private String refused(Path file, String sound, String defect) throws IOException {
        assertTrue(sound.contains("\""), sound);
        String before = Files.readString(file);
        String key = sound.substring(0, sound.indexOf(':') + 1);
        int at = before.indexOf(key);
        int end = before.indexOf(',', at);
        Files.writeString(file, before.substring(0, at) + defect + before.substring(end));
        String message = refused().getMessage();
        Files.writeString(file, before);
        return message;
    }

    @Test
    void configsThatAskForOtherThings() throws IOException {
        Path config = sound();
        assertTrue(refused(config, "\"rope_theta\":", "\"hidden_act\":\"relu\"")
                .contains("key hidden_act: expected silu, found relu"));
        assertTrue(refused(config, "\"rope_theta\":", "\"use_sliding_window\":true")
                .contains("key use_sliding_window: expected false, found true"));
        assertTrue(refused(config, "\"rope_theta\":", "\"rope_scaling\":{\"type\":\"ntk\"}")
                .contains("key rope_type: expected a scaling that can be computed"));
        assertTrue(refused(config, "\"hidden_size\":", "\"hidden_size\":\"wide\"")
                .contains("key hidden_size: expected an integer, found wide"));
        assertTrue(refused(config, "\"num_hidden_layers\":", "\"layers\":3")
                .contains("key num_hidden_layers: expected an integer, found no such key"));
        assertTrue(refused(config, "\"rope_theta\":", "\"quantization_config\":{\"bits\":4}")
                .contains("key quantization_config: expected nothing"));
        Files.writeString(config, "{\"architectures\":[\"FooForCausalLM\"]}");
        assertTrue(refused().getMessage().contains("expected one that is known (LlamaForCausalLM, "));
        Files.writeString(config, "{\"architectures\":");
        assertTrue(refused().getMessage().contains("config.json: file: expected a JSON object, found line 1"));
    }

    @Test
    void filesThatAreMissing() throws IOException {
        assertTrue(refused().getMessage().contains("found no config.json"));
        Path config = sound();
        Path index = folder.resolve("model.safetensors.index.json");
        Path second = folder.resolve("model-00002-of-00002.safetensors");
        byte[] bytes = Files.readAllBytes(second);
        Files.delete(second);
        assertEquals(second, refused().path());
        assertEquals("no such file", refused().found());
        Files.write(second, bytes);
        String places = Files.readString(index);
        Files.writeString(index, places.replace("model-00002", "../model-00002"));
        assertEquals("names of safetensors files beside it", refused().expected());
        Files.writeString(index, places.replaceFirst("model.norm.weight", "model.norm.bias"));
        assertTrue(
                refused().getMessage().contains("tensor model.norm"), refused().getMessage());
        Files.delete(index);
        assertEquals("no model.safetensors", refused().found());
        Files.writeString(index, places);
        ModelFiles.open(folder).close();
        String text = Files.readString(config);
        Files.writeString(config, text.replace("\"tie_word_embeddings\":true", "\"tie_word_embeddings\":false"));
        assertEquals("tensor lm_head.weight", refused().item());
    }

    @Test
    void tensorsThatAreNotKnown() throws IOException {
        sound();
        Path first = folder.resolve("model-00001-of-00002.safetensors");
        byte[] bytes = Files.readAllBytes(first);
        String text = new String(bytes, StandardCharsets.ISO_8859_1).replace("0.mlp.up_proj.", "0.mlp.up_prok.");
        Files.write(first, text.getBytes(StandardCharsets.ISO_8859_1));
        Path index = folder.resolve("model.safetensors.index.json");
        Files.writeString(index, Files.readString(index).replace("0.mlp.up_proj.", "0.mlp.up_prok."));
        assertEquals("tensor model.layers.0.mlp.up_prok.weight", refused().item());
    }

    /** Word pieces too: every text has the ids that it has in the folder. */
    @ParameterizedTest
    @CsvSource({"bert-mean, BertModel", "nomic-bert, NomicBertModel"})
    void wordPiecesBecomeAGgufVocabulary(String name, String className) throws IOException {
        Path made = folder.resolve("made.gguf");
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/" + name + ".gguf"));
                Compute compute = Compute.start(1)) {
            HubWriter.write(gguf, folder, Map.of("architectures", List.of(className)), DType.F32, 1);
            HubComparison.writeModules(gguf, folder);
            try (ModelFile hub = ModelFiles.open(folder)) {
                Quantizer.quantize(hub, compute, WeightScheme.F32, made, Progress.NONE);
                try (GgufFile file = GgufFile.open(made)) {
                    for (String key : gguf.metadata().asMap().keySet()) {
                        if (key.startsWith("tokenizer.") && !key.equals("tokenizer.ggml.pre")) {
                            assertEquals(
                                    JsonWriter.write(
                                            list(gguf.metadata().asMap().get(key))),
                                    JsonWriter.write(
                                            list(file.metadata().asMap().get(key))),
                                    key);
                        }
                    }
                    Tokenizer ofFolder = Tokenizers.of(hub);
                    Tokenizer ofFile = Tokenizers.of(file);
                    for (String text : List.of("a", "the sand", "He said: no!", "")) {
                        assertArrayEquals(
                                ofFolder.surround(ofFolder.encode(text)), ofFile.surround(ofFile.encode(text)), text);
                    }
                    assertArrayEquals(
                            HubComparison.hidden(LanguageModels.load(hub, compute))
                                    .data(),
                            HubComparison.hidden(LanguageModels.load(file, compute))
                                    .data());
                }
            }
        }
    }

    /** Templates of a folder reach the metadata, the one called default as the model's. */
    @Test
    void templatesByName() throws IOException {
        sound();
        Files.writeString(folder.resolve("chat_template.json"), "{\"chat_template\":\"P\"}");
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals("P", hub.metadata().string("tokenizer.chat_template"));
        }
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"chat_template\":[{\"name\":\"tool_use\",\"template\":\"T\"},"
                        + "{\"name\":\"default\",\"template\":\"D\"}]}");
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals("D", hub.metadata().string("tokenizer.chat_template"));
            assertEquals("T", hub.metadata().string("tokenizer.chat_template.tool_use"));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), "J");
        Files.createDirectories(folder.resolve("additional_chat_templates"));
        Files.writeString(folder.resolve("additional_chat_templates/rag.jinja"), "R");
        Files.writeString(folder.resolve("additional_chat_templates/notes.txt"), "N");
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals("J", hub.metadata().string("tokenizer.chat_template"));
            assertEquals("R", hub.metadata().string("tokenizer.chat_template.rag"));
            assertEquals(
                    2,
                    hub.metadata().asMap().keySet().stream()
                            .filter(key -> key.startsWith("tokenizer.chat_template"))
                            .count());
        }
    }

    /** A safetensors file of one F32 matrix, its elements 0, 1, 2, … */
    private static byte[] matrix(String name, int rows, int columns) {
        int bytes = rows * columns * Float.BYTES;
        byte[] header = ("{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[" + rows + "," + columns
                        + "],\"data_offsets\":[0," + bytes + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + header.length + bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(header.length).put(header);
        for (int i = 0; i < rows * columns; i++) {
            file.putFloat(i);
        }
        return file.array();
    }

    @Test
    void stepsThatMakeOtherVectors() throws IOException {
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/gemma-embedding.gguf"))) {
            HubWriter.write(
                    gguf,
                    folder,
                    Map.of("architectures", List.of("Gemma3TextModel"), "use_bidirectional_attention", true),
                    DType.F32,
                    1);
        }
        Path dense = Files.createDirectories(folder.resolve("2_Dense"));
        Files.writeString(folder.resolve("modules.json"), "[{\"type\":\"x.Dense\",\"path\":\"2_Dense\"}]");
        String sizes = "{\"in_features\":48,\"out_features\":3,";
        Files.writeString(dense.resolve("config.json"), sizes + "\"activation_function\":\"torch.nn.Tanh\"}");
        assertTrue(refused().getMessage().contains("activation_function"));
        Files.writeString(dense.resolve("config.json"), sizes + "\"bias\":true}");
        assertTrue(refused().getMessage().contains("bias"));
        Files.writeString(dense.resolve("config.json"), sizes + "\"bias\":false}");
        Files.write(dense.resolve("model.safetensors"), matrix("linear.weight", 3, 48));
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals(3, hub.metadata().integer("gemma-embedding.dense_2_feat_out"));
            assertEquals(7, hub.tensor("dense_2.weight").toHeap().data()[7]);
        }
        Files.write(dense.resolve("model.safetensors"), matrix("other.weight", 3, 48));
        assertTrue(refused().getMessage().contains("other.weight"));
        Files.writeString(folder.resolve("modules.json"), "[{\"type\":\"x.Pooling\",\"path\":\"../1_Pooling\"}]");
        assertEquals("the name of a folder beside it", refused().expected());
        Files.writeString(folder.resolve("modules.json"), "[{\"type\":\"x.Pooling\",\"path\":\"1_Pooling\"}]");
        Files.createDirectories(folder.resolve("1_Pooling"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_max_tokens\":true}");
        assertTrue(refused().expected().startsWith("one of pooling_mode_mean_tokens"));
        Files.writeString(folder.resolve("1_Pooling/config.json"), "{\"pooling_mode_lasttoken\":true}");
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals(3, hub.metadata().integer("gemma-embedding.pooling_type"));
        }
        Files.writeString(folder.resolve("1_Pooling/config.json"), "{\"pooling_mode\":\"cls\"}");
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals(2, hub.metadata().integer("gemma-embedding.pooling_type"));
        }
    }

    /** A classifier of texts comes along, and says that this is how texts are pooled. */
    @ParameterizedTest
    @CsvSource({"bert-cls, BertForSequenceClassification, 3", "modern-bert, ModernBertForSequenceClassification, 1"})
    void classifiersComeAlong(String name, String className, int labels) throws IOException {
        Path with = folder.resolve("with.gguf");
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/" + name + ".gguf"))) {
            String key = gguf.metadata().string("general.architecture") + ".pooling_type";
            GgufWriter writer = new GgufWriter().metadataOf(gguf, Set.of(key)).metadata(key, GgufType.UINT32, 4);
            for (TensorInfo info : gguf.tensors()) {
                writer.tensor(info.name(), gguf.tensor(info.name()).toHeap());
            }
            writer.tensor("cls.weight", counted(48, 48)).tensor("cls.output.weight", counted(labels, 48));
            if (labels == 1) {
                writer.tensor("cls.norm.weight", counted(48));
            } else {
                writer.tensor("cls.bias", counted(48)).tensor("cls.output.bias", counted(labels));
            }
            writer.write(with);
        }
        try (GgufFile gguf = GgufFile.open(with)) {
            HubWriter.write(gguf, folder, Map.of("architectures", List.of(className)), DType.F32, 1);
            try (ModelFile hub = ModelFiles.open(folder);
                    Compute compute = Compute.start(1)) {
                HubComparison.assertSameMetadata(gguf, hub);
                assertTrue(HubComparison.sameTensors(gguf, hub));
                assertEquals(gguf.tensors().size(), hub.tensors().size());
                assertEquals(
                        labels,
                        LanguageModels.load(hub, compute).classifier().plan().labels());
            }
        }
    }

    private static HeapTensor counted(int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = i;
        }
        return tensor;
    }

    /** A GGUF file made of a folder holds what the file had that the folder was made of. */
    @Test
    void becomesAGgufFile() throws IOException {
        Path made = folder.resolve("made.gguf");
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/qwen3.gguf"));
                Compute compute = Compute.start(1)) {
            Map<String, Object> config = Map.of(
                    "architectures",
                    List.of("Qwen3ForCausalLM"),
                    "eos_token_id",
                    List.of(302L, 300L),
                    "bos_token_id",
                    300L,
                    "pad_token_id",
                    300L);
            HubWriter.write(gguf, folder, config, DType.BF16, 2);
            Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\":\"{{ messages }}\"}");
            try (ModelFile hub = ModelFiles.open(folder)) {
                Quantizer.quantize(hub, compute, WeightScheme.F32, made, Progress.NONE);
                Tokenizer tokenizer = Tokenizers.of(hub);
                assertEquals(302, tokenizer.eosId());
                assertTrue(tokenizer.isEndOfText(300));
                assertArrayEquals(Tokenizers.of(gguf).encode("the sand", false), tokenizer.encode("the sand", false));
            }
            try (GgufFile file = GgufFile.open(made)) {
                for (String key : List.of(
                        "tokens",
                        "token_type",
                        "merges",
                        "pre",
                        "model",
                        "eos_token_id",
                        "padding_token_id",
                        "bos_token_id",
                        "add_bos_token")) {
                    String full = "tokenizer.ggml." + key;
                    assertEquals(
                            JsonWriter.write(list(gguf.metadata().asMap().get(full))),
                            JsonWriter.write(list(file.metadata().asMap().get(full))),
                            key);
                }
                assertEquals("{{ messages }}", file.metadata().string("tokenizer.chat_template"));
                assertEquals(300, file.metadata().integer("tokenizer.ggml.eot_token_id"));
                try (ModelFile hub = ModelFiles.open(folder)) {
                    assertArrayEquals(
                            HubComparison.hidden(LanguageModels.load(hub, compute))
                                    .data(),
                            HubComparison.hidden(LanguageModels.load(file, compute))
                                    .data());
                }
                assertEquals(
                        DType.F32,
                        file.find("blk.0.attn_q.weight").orElseThrow().dtype());
            }
        }
    }

    private static Object list(Object value) {
        return switch (value) {
            case String[] texts -> List.of(texts);
            case int[] integers ->
                Arrays.stream(integers).mapToObj(i -> (long) i).toList();
            default -> value;
        };
    }
}
