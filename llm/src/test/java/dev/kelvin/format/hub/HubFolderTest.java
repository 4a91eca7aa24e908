// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
                        + "[\"conv\",\"conv\",\"full_attention\",\"conv\",\"full_attention\"]}"
            })
    void saysWhatTheGgufFileSays(String name, String className, String more) throws IOException {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(className));
        ((Map<?, ?>) JsonReader.read(more)).forEach((key, value) -> config.put((String) key, value));
        try (GgufFile gguf = GgufFile.open(SharedData.require("architectures/" + name + ".gguf"))) {
            HubWriter.write(gguf, folder, config, DType.F32, 1 + name.length() % 3);
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
            }
        }
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
