// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.model.DrawnModels;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A folder of the hub says what a GGUF file of the same model says. */
class HubFamiliesTest {
    @TempDir
    private Path folder;

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
            HubComparison.writeModules(gguf, folder);
            try (ModelFile hub = ModelFiles.open(folder)) {
                HubComparison.assertSameMetadata(gguf, hub);
                HubComparison.assertSame(gguf, hub);
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

    /** Families of which there are no files of other makers: models that are drawn. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "qwen2vl     | Qwen2_5_VLForConditionalGeneration | {\"rope_theta\":10000.0,"
                        + "\"rope_scaling\":{\"type\":\"mrope\",\"mrope_section\":[2,2,1]}}",
                "qwen3vl     | Qwen3VLForConditionalGeneration | {\"rope_theta\":10000.0,\"head_dim\":10,"
                        + "\"rope_scaling\":{\"rope_type\":\"default\",\"mrope_section\":[2,2,1]}}",
                "qwen3next   | Qwen3NextForCausalLM    | {\"linear_conv_kernel_dim\":4,\"linear_key_head_dim\":9,"
                        + "\"linear_value_head_dim\":9,\"linear_num_key_heads\":2,\"linear_num_value_heads\":4,"
                        + "\"shared_expert_intermediate_size\":17,\"partial_rotary_factor\":0.58}",
                "seed_oss    | SeedOssForCausalLM      | {\"head_dim\":10,\"attention_bias\":false}",
                "ernie4_5    | Ernie4_5ForCausalLM     | {\"head_dim\":10,\"rope_theta\":10000}",
                "olmoe       | OlmoeForCausalLM        | {\"norm_topk_prob\":false,\"clip_qkv\":null}",
                "cohere2     | Cohere2ForCausalLM      | {\"layer_norm_eps\":0.01,\"logit_scale\":0.3}",
                "glm4        | Glm4ForCausalLM         | {\"head_dim\":10,\"partial_rotary_factor\":0.2}",
                "exaone4     | Exaone4ForCausalLM      | {\"sliding_window\":null}",
                "gemma       | GemmaForCausalLM        | {\"head_dim\":10,\"hidden_act\":\"gelu\"}",
                "phi2        | PhiForCausalLM          | {\"layer_norm_eps\":0.01,\"partial_rotary_factor\":0.2}",
                "stablelm    | StableLmForCausalLM     | {\"layer_norm_eps\":0.01,\"partial_rotary_factor\":0.2}",
                "nemotron    | NemotronForCausalLM     | {\"norm_eps\":0.01,\"partial_rotary_factor\":0.2,"
                        + "\"hidden_act\":\"relu2\"}",
                "arcee       | ArceeForCausalLM        | {\"hidden_act\":\"relu2\"}",
                "gpt2        | GPT2LMHeadModel         | {\"n_layer\":7,\"n_positions\":64,\"n_embd\":90,\"n_head\":9,"
                        + "\"n_inner\":36,\"layer_norm_epsilon\":0.01,\"activation_function\":\"gelu_new\"}",
                "gptneox     | GPTNeoXForCausalLM      | {\"layer_norm_eps\":0.01,\"rotary_pct\":0.2}",
                "command-r   | CohereForCausalLM       | {\"layer_norm_eps\":0.01,\"logit_scale\":0.3,"
                        + "\"use_qk_norm\":true}",
                "hunyuan-dense | HunYuanDenseV1ForCausalLM | {\"use_qk_norm\":true,"
                        + "\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":1.0}}",
                "internlm2   | InternLM2ForCausalLM    | {\"bias\":true,"
                        + "\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2.0}}",
                "exaone      | ExaoneForCausalLM       | {\"activation_function\":\"silu\"}",
                "xverse      | XverseForCausalLM       | {}",
                "orion       | OrionForCausalLM        | {}",
                "minicpm     | MiniCPMForCausalLM      | {\"scale_emb\":3,\"scale_depth\":1.0583005244258363,"
                        + "\"dim_model_base\":36}",
                "falcon      | FalconForCausalLM       | {\"new_decoder_architecture\":true,\"multi_query\":true,"
                        + "\"alibi\":false,\"parallel_attn\":true}",
                "chatglm     | ChatGLMModel            | {\"multi_query_attention\":true,\"partial_rotary_factor\":0.2,"
                        + "\"rope_ratio\":1}",
                "starcoder   | GPTBigCodeForCausalLM   | {\"multi_query\":false,"
                        + "\"activation_function\":\"gelu_pytorch_tanh\"}",
                "ernie4_5-moe | Ernie4_5_MoeForCausalLM | {\"moe_num_shared_experts\":2,\"rope_theta\":10000}",
                "qwen3vlmoe  | Qwen3VLMoeForConditionalGeneration | {\"rope_theta\":10000.0,\"head_dim\":10,"
                        + "\"rope_scaling\":{\"rope_type\":\"default\",\"mrope_section\":[2,2,1]}}",
                "nomic-bert-moe | NomicBertModel       | {\"moe_every_n_layers\":3,\"num_experts\":7,\"moe_top_k\":3,"
                        + "\"activation_function\":\"gelu\",\"rotary_emb_base\":10000}",
                "eurobert    | EuroBertModel           | {\"rope_theta\":10000}",
                "llama-embed | LlamaBidirectionalModel | {}"
            })
    void modelsThatAreDrawn(String family, String className, String more) throws IOException {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(className));
        ((Map<?, ?>) JsonReader.read(more)).forEach((key, value) -> config.put((String) key, value));
        Path drawn = folder.resolve("drawn.gguf");
        DrawnModels.write(family, drawn);
        try (GgufFile gguf = GgufFile.open(drawn)) {
            HubWriter.write(gguf, folder, config, DType.F32, 2);
            try (ModelFile hub = ModelFiles.open(folder)) {
                HubComparison.assertSame(gguf, hub);
            }
        }
    }
}
