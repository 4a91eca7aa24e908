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
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.Progress;
import dev.kelvin.model.Quantizer;
import dev.kelvin.model.WeightScheme;
import dev.kelvin.nn.Decoder;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A folder of the hub says what a GGUF file of the same model says. */
class HubFolderTest {
    /** What GGUF files hold and a folder has elsewhere or not at all, and the other way round. */
    private static final String ELSEWHERE =
            "(general\\.(?!architecture).*|tokenizer\\..*|.*\\.(vocab_size|rope\\.freq_base|rope\\.scaling\\.finetuned|"
                    + "rope\\.scaling\\.yarn_attn_factor))";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "qwen3           | Qwen3ForCausalLM      | {\"use_sliding_window\":false,\"hidden_act\":\"silu\"}",
                "qwen2           | Qwen2ForCausalLM      | {}",
                "llama-linear    | LlamaForCausalLM      | {\"rope_scaling\":{\"type\":\"linear\",\"factor\":4.0}}",
                "llama-yarn      | LlamaForCausalLM      | {\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4,"
                        + "\"original_max_position_embeddings\":32}}",
                "llama-rope-freqs| LlamaForCausalLM      | {\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":32.0,"
                        + "\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64}}",
                "llama-moe       | MixtralForCausalLM    | {\"num_local_experts\":4,\"sliding_window\":null}",
                "gemma2          | Gemma2ForCausalLM     | {\"attn_logit_softcapping\":50.0,"
                        + "\"final_logit_softcapping\":30.0,\"query_pre_attn_scalar\":20}",
                "gemma3          | Gemma3ForCausalLM     | {\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":8},"
                        + "\"query_pre_attn_scalar\":24,\"sliding_window_pattern\":6}",
                "qwen2moe        | Qwen2MoeForCausalLM   | {\"shared_expert_intermediate_size\":72,"
                        + "\"norm_topk_prob\":false,\"decoder_sparse_step\":1,\"mlp_only_layers\":[]}",
                "qwen3moe        | Qwen3MoeForCausalLM   | {\"norm_topk_prob\":true}",
                "mistral3        | Ministral3ForCausalLM | {\"rope_parameters\":{\"rope_type\":\"yarn\",\"factor\":16,"
                        + "\"original_max_position_embeddings\":24,\"beta_fast\":32,\"beta_slow\":1,\"mscale\":1,"
                        + "\"mscale_all_dim\":1,\"llama_4_scaling_beta\":0.1,\"rope_theta\":10000}}",
                "granite         | GraniteForCausalLM    | {\"attention_multiplier\":0.1875,"
                        + "\"embedding_multiplier\":12,\"residual_multiplier\":0.25,\"logits_scaling\":8}",
                "smollm3         | SmolLM3ForCausalLM    | {\"no_rope_layer_interval\":4}",
                "olmo2           | Olmo2ForCausalLM      | {}",
                "olmo2-swa       | Olmo3ForCausalLM      | {\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":8.0,"
                        + "\"original_max_position_embeddings\":32,\"beta_fast\":32,\"beta_slow\":1,"
                        + "\"attention_factor\":1.2079441541679836}}",
                "starcoder2      | Starcoder2ForCausalLM | {\"norm_epsilon\":1e-5,\"hidden_act\":\"gelu_pytorch_tanh\"}",
                "lfm2            | Lfm2ForCausalLM       | {\"conv_L_cache\":3,\"norm_eps\":1e-5,"
                        + "\"num_key_value_heads\":2,\"layer_types\":"
                        + "[\"conv\",\"conv\",\"full_attention\",\"conv\",\"full_attention\"]}",
                "lfm2moe         | Lfm2MoeForCausalLM    | {\"conv_L_cache\":3,\"norm_eps\":1e-5,\"num_dense_layers\":1,"
                        + "\"num_key_value_heads\":2,\"use_expert_bias\":true,\"norm_topk_prob\":true,\"layer_types\":"
                        + "[\"conv\",\"full_attention\",\"conv\",\"full_attention\"]}",
                "gpt-oss         | GptOssForCausalLM     | {\"num_local_experts\":5,\"swiglu_limit\":7.0,"
                        + "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":8,\"beta_fast\":32,\"beta_slow\":1,"
                        + "\"original_max_position_embeddings\":32,\"truncate\":false}}",
                "gpt-oss-mxfp4   | GptOssForCausalLM     | {\"num_local_experts\":5,"
                        + "\"quantization_config\":{\"quant_method\":\"mxfp4\"},"
                        + "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":8,\"beta_fast\":32,\"beta_slow\":1,"
                        + "\"original_max_position_embeddings\":32}}",
                "qwen35          | Qwen3_5ForCausalLM    | {\"linear_conv_kernel_dim\":4,\"linear_key_head_dim\":16,"
                        + "\"linear_value_head_dim\":16,\"linear_num_key_heads\":2,\"linear_num_value_heads\":4,"
                        + "\"layer_types\":[\"linear_attention\",\"linear_attention\",\"linear_attention\","
                        + "\"full_attention\"],\"rope_parameters\":{\"rope_type\":\"default\","
                        + "\"mrope_section\":[2,1,1],\"mrope_interleaved\":true,\"partial_rotary_factor\":0.25,"
                        + "\"rope_theta\":1e7}}",
                "qwen35moe       | Qwen3_5MoeForCausalLM | {\"linear_conv_kernel_dim\":4,\"linear_key_head_dim\":16,"
                        + "\"linear_value_head_dim\":16,\"linear_num_key_heads\":2,\"linear_num_value_heads\":4,"
                        + "\"full_attention_interval\":4,\"shared_expert_intermediate_size\":40,"
                        + "\"rope_parameters\":{\"mrope_section\":[2,1,1],\"rope_theta\":1e7}}",
                "gemma4-ple      | Gemma4ForCausalLM     | {\"global_head_dim\":32,\"head_dim\":20,"
                        + "\"intermediate_size\":72,\"use_double_wide_mlp\":true,\"num_kv_shared_layers\":3,"
                        + "\"hidden_size_per_layer_input\":8,\"final_logit_softcapping\":30.0,\"layer_types\":"
                        + "[\"sliding_attention\",\"sliding_attention\",\"full_attention\",\"sliding_attention\","
                        + "\"sliding_attention\",\"full_attention\"],\"rope_parameters\":{\"full_attention\":"
                        + "{\"rope_type\":\"proportional\",\"partial_rotary_factor\":0.25,\"rope_theta\":1e6},"
                        + "\"sliding_attention\":{\"rope_type\":\"default\",\"rope_theta\":10000.0}}}",
                "gemma4-moe      | Gemma4ForCausalLM     | {\"global_head_dim\":32,\"head_dim\":20,"
                        + "\"num_key_value_heads\":2,\"num_global_key_value_heads\":1,\"hidden_size_per_layer_input\":0,"
                        + "\"top_k_experts\":2,\"enable_moe_block\":true,\"final_logit_softcapping\":30.0,"
                        + "\"layer_types\":[\"sliding_attention\",\"sliding_attention\",\"sliding_attention\","
                        + "\"full_attention\"],\"rope_parameters\":{\"full_attention\":{\"rope_type\":"
                        + "\"proportional\",\"partial_rotary_factor\":0.25,\"rope_theta\":1e6}}}",
                "mamba2          | Mamba2ForCausalLM     | {\"state_size\":16,\"n_groups\":2,\"expand\":2,"
                        + "\"head_dim\":16,\"num_heads\":6,\"conv_kernel\":4,\"layer_norm_epsilon\":1e-5}",
                "granitehybrid   | GraniteMoeHybridForCausalLM | {\"attention_multiplier\":0.1875,"
                        + "\"embedding_multiplier\":12,\"residual_multiplier\":0.25,\"logits_scaling\":6,"
                        + "\"num_local_experts\":4,\"shared_intermediate_size\":48,\"mamba_d_conv\":4,"
                        + "\"mamba_d_state\":16,\"mamba_n_groups\":1,\"mamba_n_heads\":5,\"mamba_expand\":2,"
                        + "\"num_key_value_heads\":2,\"position_embedding_type\":\"nope\",\"layer_types\":"
                        + "[\"mamba\",\"mamba\",\"attention\",\"mamba\"]}",
                "bert-mean       | BertModel             | {\"hidden_act\":\"gelu\",\"type_vocab_size\":2}",
                "bert-cls        | BertForMaskedLM       | {}",
                "nomic-bert      | NomicBertModel        | {\"n_positions\":8192,\"activation_function\":\"swiglu\","
                        + "\"prenorm\":false,\"rotary_emb_fraction\":1.0}",
                "modern-bert     | ModernBertModel       | {}",
                "gemma-embedding | Gemma3TextModel       | {\"use_bidirectional_attention\":true,"
                        + "\"query_pre_attn_scalar\":20}"
            })
    void saysWhatTheGgufFileSays(String name, String className, String more) throws IOException {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(className));
        ((Map<?, ?>) JsonReader.read(more)).forEach((key, value) -> config.put((String) key, value));
        Path path = SharedData.require("architectures/" + name + ".gguf");
        try (GgufFile gguf = GgufFile.open(name.equals("qwen35") ? withoutFurtherTokens(path) : path)) {
            HubWriter.write(gguf, folder, config, DType.F32, 1 + name.length() % 3);
            writeModules(gguf);
            try (ModelFile hub = ModelFiles.open(folder)) {
                assertSameMetadata(gguf, hub);
                Set<String> names = new TreeSet<>();
                for (TensorInfo info : gguf.tensors()) {
                    names.add(info.name());
                    assertEquals(
                            info.shape(), hub.find(info.name()).orElseThrow().shape(), info.name());
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
        }
    }

    /** The file without the layer that predicts one more token. */
    private Path withoutFurtherTokens(Path path) throws IOException {
        GgufWriter writer = new GgufWriter();
        Path made = folder.resolve("trunk.gguf");
        try (GgufFile all = GgufFile.open(path)) {
            int layers = all.metadata().integer("qwen35.block_count") - 1;
            all.metadata().asMap().forEach((key, value) -> {
                if (!key.equals("qwen35.nextn_predict_layers")) {
                    writer.metadata(key, key.equals("qwen35.block_count") ? layers : value);
                }
            });
            for (TensorInfo info : all.tensors()) {
                if (!info.name().startsWith("blk." + layers + ".")) {
                    writer.tensor(info.name(), all.tensor(info.name()).toHeap());
                }
            }
            writer.write(made);
        }
        return made;
    }

    /** What sentence-transformers says of a model that makes vectors. */
    private void writeModules(GgufFile gguf) throws IOException {
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
        assertTrue(refused(config, "\"rope_theta\":", "\"rope_scaling\":{\"type\":\"dynamic\"}")
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

    /** Whatever keys the architecture asks for, the folder has them. */
    private static void assertSameModel(ModelFile gguf, ModelFile hub) throws IOException {
        try (Compute compute = Compute.start(1)) {
            Decoder expected;
            try {
                expected = LanguageModels.load(gguf, compute);
            } catch (ModelFormatException notComputed) {
                return;
            }
            float tolerance = sameTensors(gguf, hub) ? 0 : 1e-4f;
            assertArrayEquals(
                    hidden(expected).data(),
                    hidden(LanguageModels.load(hub, compute)).data(),
                    tolerance);
        }
    }

    /** Whether no number was rounded on the way there and back, as 1 + (w − 1) is. */
    private static boolean sameTensors(ModelFile gguf, ModelFile hub) throws IOException {
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

    /** Word pieces too: every text has the ids that it has in the folder. */
    @ParameterizedTest
    @CsvSource({"bert-mean, BertModel", "nomic-bert, NomicBertModel"})
    void wordPiecesBecomeAGgufVocabulary(String name, String className) throws IOException {
        Path made = folder.resolve("made.gguf");
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/" + name + ".gguf"));
                Compute compute = Compute.start(1)) {
            HubWriter.write(gguf, folder, Map.of("architectures", List.of(className)), DType.F32, 1);
            writeModules(gguf);
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
                            hidden(LanguageModels.load(hub, compute)).data(),
                            hidden(LanguageModels.load(file, compute)).data());
                }
            }
        }
    }

    /** Templates of a folder reach the metadata, the one called default as the model's. */
    @Test
    void templatesByName() throws IOException {
        sound();
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
                assertSameMetadata(gguf, hub);
                assertTrue(sameTensors(gguf, hub));
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
                            hidden(LanguageModels.load(hub, compute)).data(),
                            hidden(LanguageModels.load(file, compute)).data());
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

    private static HeapTensor hidden(Decoder model) {
        int[] tokens = {5, 17, 200, 3, 3, 99, 250, 41, 8, 120};
        HeapTensor hidden = HeapTensor.zeros(tokens.length, model.plan().sizes().dim());
        model.append(model.newPool().newSequence(), tokens, 0, tokens.length, hidden);
        return hidden;
    }

    private static void assertSameMetadata(ModelFile gguf, ModelFile hub) {
        Set<String> keys = new TreeSet<>(gguf.metadata().asMap().keySet());
        keys.addAll(hub.metadata().asMap().keySet());
        keys.removeIf(key -> key.matches(ELSEWHERE));
        for (String key : keys) {
            Object expected = gguf.metadata().asMap().get(key);
            Object found = hub.metadata().asMap().get(key);
            assertEquals(show(expected), show(found), key);
        }
    }

    private static String show(Object value) {
        return switch (value) {
            case null -> "missing";
            case boolean[] flags -> Arrays.toString(flags);
            case int[] integers -> Arrays.toString(integers);
            case long[] integers -> Arrays.toString(integers);
            default -> value.toString();
        };
    }
}
