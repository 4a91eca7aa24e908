// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a config.json says, and what holds where it says nothing: the defaults are those of the config classes of
 * Hugging Face transformers, the keys those of llama.cpp.
 */
class HubMetadataTest {
    private static final String SIZES =
            "'num_hidden_layers':4,'max_position_embeddings':128,'hidden_size':32,'num_attention_heads':4,"
                    + "'vocab_size':50,'intermediate_size':48,";

    @TempDir
    private Path folder;

    private Map<String, Object> keys(String className, String more) throws IOException {
        Path path = folder.resolve("config.json");
        Files.writeString(path, ("{" + SIZES + more + "}").replace('\'', '"'), StandardCharsets.UTF_8);
        HubConfig config = HubConfig.read(path);
        Map<String, Object> all = new LinkedHashMap<>(
                new HubMetadata(config, HubFamily.of(className).orElseThrow()).all());
        String architecture = all.get("general.architecture").toString();
        Map<String, Object> plain = new LinkedHashMap<>();
        all.forEach((key, value) -> plain.put(key.replaceFirst("^" + architecture + "\\.", ""), value));
        return plain;
    }

    /** A value as JSON; arrays too. */
    private static String text(Object value) {
        if (value instanceof int[] numbers) {
            return Arrays.toString(numbers).replace(" ", "");
        }
        if (value instanceof boolean[] flags) {
            List<Object> list = new ArrayList<>();
            for (boolean flag : flags) {
                list.add(flag);
            }
            return JsonWriter.write(list);
        }
        return value instanceof Float real
                ? Double.toString(Double.parseDouble(real.toString()))
                : String.valueOf(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "LlamaForCausalLM      |                    | rope.freq_base | 10000.0",
                "LlamaForCausalLM      |                    | attention.layer_norm_rms_epsilon | 1.0E-6",
                "MixtralForCausalLM    |                    | rope.freq_base | 1000000.0",
                "MixtralForCausalLM    |                    | expert_count | 8",
                "MixtralForCausalLM    |                    | attention.layer_norm_rms_epsilon | 1.0E-5",
                "MistralForCausalLM    | 'sliding_window':96 | context_length | 96",
                "MistralForCausalLM    | 'sliding_window':4096 | context_length | 128",
                "MistralForCausalLM    | 'sliding_window':null | context_length | 128",
                "Starcoder2ForCausalLM | 'sliding_window':64 | context_length | 64",
                "Qwen3ForCausalLM      |                    | attention.key_length | 128",
                "Gemma2ForCausalLM     |                    | attention.key_length | 256",
                "Gemma3ForCausalLM     |                    | attention.sliding_window | 4096",
                "Gemma3ForCausalLM     |                    | rope.freq_base | 1000000.0",
                "Gemma3ForCausalLM     | 'rope_parameters':{'full_attention':{'rope_theta':5e5},"
                        + "'sliding_attention':{'rope_theta':2e4}} | rope.freq_base_swa | 20000.0",
                "GptOssForCausalLM     | 'num_key_value_heads':2,'num_local_experts':4,'num_experts_per_tok':2 "
                        + "| rope.freq_base | 150000.0",
                "SmolLM3ForCausalLM    | 'no_rope_layers':[1,1,1,0] | rope.freq_base | 2000000.0",
                "LlamaForCausalLM      | 'rope_parameters':{'partial_rotary_factor':0.5} | rope.dimension_count | 4",
                "Lfm2ForCausalLM       | 'num_key_value_heads':2,'full_attn_idxs':[1,3] "
                        + "| attention.head_count_kv | [0,2,0,2]",
                "Lfm2ForCausalLM       | 'num_key_value_heads':2,'full_attn_idxs':[1],'block_ff_dim':1000,"
                        + "'block_auto_adjust_ff_dim':true,'block_ffn_dim_multiplier':1.5,'block_multiple_of':64 "
                        + "| feed_forward_length | 1024",
                "GlmForCausalLM        | 'head_dim':8       | rope.dimension_count | 4",
                "GlmForCausalLM        | 'partial_rotary_factor':0.25 | rope.dimension_count | 32",
                "HunYuanDenseV1ForCausalLM | 'head_dim':4,'rope_scaling':{'type':'dynamic','alpha':100.0} "
                        + "| rope.freq_base | 1.0E8",
                "Gemma2ForCausalLM     | 'rope_theta':20000 | rope.freq_base | 20000.0",
                "Gemma2ForCausalLM     | 'rope_parameters':{'rope_type':'linear','factor':2.0} "
                        + "| rope.scaling.factor | 2.0",
                "FalconForCausalLM     | 'multi_query':true,'num_kv_heads':4 | attention.head_count_kv | 1",
                "FalconForCausalLM     | 'multi_query':true,'new_decoder_architecture':true,'num_kv_heads':2 "
                        + "| attention.head_count_kv | 2",
                "FalconForCausalLM     | 'multi_query':false | attention.head_count_kv | 4",
                "FalconForCausalLM     | 'multi_query':true | feed_forward_length | 128",
                "ModernBertModel       |                    | attention.sliding_window_pattern | 3",
                "ModernBertModel       | 'layer_types':['full_attention','sliding_attention','sliding_attention',"
                        + "'full_attention'] | attention.sliding_window_pattern | 3",
                "ModernBertModel       | 'layer_types':['full_attention','sliding_attention','full_attention',"
                        + "'sliding_attention'] | attention.sliding_window_pattern | 2",
                "ModernBertModel       | 'layer_types':['full_attention','sliding_attention','full_attention',"
                        + "'full_attention'] | attention.sliding_window_pattern | [false,true,false,false]",
                "Gemma3ForCausalLM     | 'layer_types':['sliding_attention','full_attention','sliding_attention',"
                        + "'full_attention'] | attention.sliding_window_pattern | 2",
                "Gemma3ForCausalLM     | 'layer_types':['sliding_attention','sliding_attention','sliding_attention',"
                        + "'sliding_attention'] | attention.sliding_window_pattern | null",
                "Gemma3ForCausalLM     | 'sliding_window_pattern':3 | attention.sliding_window_pattern | 3",
                "Gemma3ForCausalLM     | '_sliding_window_pattern':6 | attention.sliding_window_pattern | null",
                "Gemma2ForCausalLM     | 'layer_types':['sliding_attention','sliding_attention','full_attention',"
                        + "'sliding_attention'] | attention.sliding_window_pattern | 3",
                "Gemma2ForCausalLM     | 'layer_types':['full_attention','full_attention','full_attention',"
                        + "'full_attention'] | attention.sliding_window_pattern | 1",
                "GptOssForCausalLM     | 'num_key_value_heads':2,'num_local_experts':4,'num_experts_per_tok':2,"
                        + "'layer_types':['sliding_attention','sliding_attention','sliding_attention','full_attention']"
                        + " | attention.sliding_window_pattern | 4",
                "Olmo3ForCausalLM      | 'sliding_window':8,'layer_types':['sliding_attention','full_attention',"
                        + "'sliding_attention','full_attention'] | attention.sliding_window_pattern | 2",
                "Olmo3ForCausalLM      | 'sliding_window':8 | attention.sliding_window_pattern | [true,true,true,false]",
                "Olmo3ForCausalLM      | 'layer_types':['sliding_attention','full_attention',"
                        + "'sliding_attention','full_attention'] | attention.sliding_window_pattern | null",
                "Olmo3ForCausalLM      | 'rope_scaling':{'type':'yarn','factor':8.0} "
                        + "| rope.scaling.original_context_length | 128",
                "GraniteForCausalLM    |                    | logit_scale | 1.0",
                "ModernBertModel       |                    | rope.freq_base_swa | 10000.0",
                "ModernBertModel       |                    | attention.sliding_window | 128",
                "BertModel             |                    | attention.layer_norm_epsilon | 1.0E-12",
                "Mamba2ForCausalLM     | 'expand':2,'head_dim':16,'time_step_limit':[0.0,Infinity] "
                        + "| ssm.time_step_rank | 4",
                "Mamba2ForCausalLM     | 'expand':1.5,'head_dim':16,'n_groups':1 | ssm.inner_size | 48",
                "GraniteMoeHybridForCausalLM | 'num_local_experts':0,'shared_intermediate_size':40,'mamba_expand':2,"
                        + "'num_key_value_heads':2,'layer_types':['mamba','attention','mamba','mamba'] "
                        + "| feed_forward_length | 40",
                "GraniteMoeHybridForCausalLM | 'num_local_experts':0,'shared_intermediate_size':40,'mamba_expand':2,"
                        + "'num_key_value_heads':2,'layer_types':['attention','attention','attention','attention'] "
                        + "| general.architecture | granite",
                "GraniteMoeHybridForCausalLM | 'num_local_experts':3,'shared_intermediate_size':40,'mamba_expand':2,"
                        + "'num_key_value_heads':2,'position_embedding_type':'rope',"
                        + "'layer_types':['attention','attention','attention','attention'] "
                        + "| rope.scaling.finetuned | true",
                "Gemma4ForCausalLM     | 'num_key_value_heads':1,'use_double_wide_mlp':true,'num_kv_shared_layers':1 "
                        + "| feed_forward_length | [48,48,48,96]",
                "Gemma4ForCausalLM     | 'num_key_value_heads':4,'num_global_key_value_heads':2,'layer_types':"
                        + "['full_attention','sliding_attention','sliding_attention','full_attention'] "
                        + "| attention.head_count_kv | [2,4,4,2]",
                "Qwen3_5ForCausalLM    | 'num_key_value_heads':2,'linear_value_head_dim':128,"
                        + "'linear_num_value_heads':32,'layer_types':"
                        + "['full_attention','linear_attention','linear_attention','full_attention'] "
                        + "| attention.recurrent_layers | [false,true,true,false]",
                "Qwen3_5ForCausalLM    | 'num_key_value_heads':2,'linear_value_head_dim':128,"
                        + "'linear_num_value_heads':32,'head_dim':64 | rope.dimension_count | 16",
                "Qwen3_5ForCausalLM    | 'num_key_value_heads':2,'linear_value_head_dim':128,"
                        + "'linear_num_value_heads':32 | rope.dimension_sections | [11,11,10,0]"
            })
    void whatHolds(String className, String more, String key, String expected) throws IOException {
        assertEquals(
                expected,
                text(keys(className, more == null ? "'model_type':'any'" : more).get(key)));
    }

    /** Published configs of gemma3 leave out what its class has. */
    @Test
    void configsOfTextsThatSayLittle() throws IOException {
        Path path = folder.resolve("config.json");
        Files.writeString(
                path,
                "{\"text_config\":{\"hidden_size\":2560,\"intermediate_size\":10240,\"num_hidden_layers\":34,"
                        + "\"rope_scaling\":{\"factor\":8.0,\"rope_type\":\"linear\"},\"sliding_window\":1024}}");
        Map<String, Object> keys = new HubMetadata(
                        HubConfig.read(path),
                        HubFamily.of("Gemma3ForConditionalGeneration").orElseThrow())
                .all();
        assertEquals(8, keys.get("gemma3.attention.head_count"));
        assertEquals(4, keys.get("gemma3.attention.head_count_kv"));
        assertEquals(256, keys.get("gemma3.attention.key_length"));
        assertEquals(131072, keys.get("gemma3.context_length"));
        assertEquals(262208, keys.get("gemma3.vocab_size"));
    }

    /** The largest models divide their scores by another width than that of a head, as their readers know. */
    @Test
    void scalesThatFollowFromTheNumberOfLayers() throws IOException {
        for (String[] each : new String[][] {{"Gemma2ForCausalLM", "46"}, {"Gemma3ForCausalLM", "62"}}) {
            String sizes = "'num_hidden_layers':" + each[1] + ",'max_position_embeddings':128,'hidden_size':48,"
                    + "'num_attention_heads':4,'num_key_value_heads':2,'head_dim':8,'vocab_size':50,"
                    + "'intermediate_size':48,'query_pre_attn_scalar':";
            Path path = folder.resolve("config.json");
            for (int scalar : new int[] {8, 12}) {
                Files.writeString(path, ("{" + sizes + scalar + "}").replace('\'', '"'));
                Map<String, Object> keys = new HubMetadata(
                                HubConfig.read(path), HubFamily.of(each[0]).orElseThrow())
                        .all();
                String key = keys.get("general.architecture") + ".attention.scale";
                assertEquals(scalar == 12 ? null : (float) (1 / Math.sqrt(8)), keys.get(key), each[0]);
            }
        }
    }

    /** What a model sees or hears with is around the config of its texts. */
    @Test
    void configsWithinConfigs() throws IOException {
        Map<String, Object> keys = keys("Gemma3ForConditionalGeneration", "'text_config':{'hidden_size':40}");
        assertEquals(40, keys.get("embedding_length"));
        assertEquals(4, keys.get("block_count"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SmolLM3ForCausalLM  | 'no_rope_layers':[1,1,0,1] | key no_rope_layers: expected 1 for every layer",
                "SmolLM3ForCausalLM  | 'no_rope_layers':[1,1,1] | key no_rope_layers",
                "MistralForCausalLM  | 'sliding_window':0 | key sliding_window: expected at least 1 position, found 0",
                "Mamba2ForCausalLM   | 'expand':2,'head_dim':7 | key head_dim: expected a divisor of 64, found 7",
                "Mamba2ForCausalLM   | 'expand':1e9,'head_dim':7 | key expand: expected a number whose product",
                "Mamba2ForCausalLM   | 'expand':2,'head_dim':8,'time_step_limit':[0.1,1.0] | key time_step_limit",
                "Gemma4ForCausalLM   | 'num_key_value_heads':1,'use_double_wide_mlp':true,'num_kv_shared_layers':5 "
                        + "| key num_kv_shared_layers: expected at most the 4 layers, found 5",
                "Lfm2ForCausalLM     | 'num_key_value_heads':2,'full_attn_idxs':[4] | key full_attn_idxs: expected numbers",
                "Lfm2ForCausalLM     | 'num_key_value_heads':2,'full_attn_idxs':[1],'block_ff_dim':-4,"
                        + "'block_auto_adjust_ff_dim':true | key block_ff_dim: expected a width that can be adjusted",
                "Qwen3_5ForCausalLM  | 'num_key_value_heads':2,'linear_value_head_dim':128,'linear_num_value_heads':32,"
                        + "'full_attention_interval':0 | key full_attention_interval: expected at least 1, found 0",
                "LlamaForCausalLM    | 'partial_rotary_factor':1.5 | key partial_rotary_factor: expected a number in (0, 1]",
                "FalconForCausalLM   | 'num_kv_heads':3 | key num_kv_heads: expected a divisor of num_attention_heads 4",
                "FalconForCausalLM   | 'multi_query':true,'alibi':true | key alibi: expected false, found true",
                "HunYuanDenseV1ForCausalLM | 'rope_scaling':{'type':'dynamic','alpha':-1} | key alpha",
                "Gemma2ForCausalLM   | 'layer_types':['sliding_attention','full_attention','full_attention',"
                        + "'sliding_attention'] | key layer_types: expected every layer but each n-th",
                "Gemma3ForCausalLM   | 'sliding_window_pattern':-1 | key sliding_window_pattern",
                "LlamaForCausalLM    | 'hidden_size':NaN | the name \"hidden_size\" a second time"
            })
    void whatIsRefused(String className, String more, String expected) {
        ModelFormatException refusal = assertThrows(ModelFormatException.class, () -> keys(className, more));
        assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
    }

    @Test
    void numbersOfPython() throws IOException {
        String text = "[Infinity, -Infinity, NaN, -1]";
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(
                List.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, -1L),
                JsonReader.readPython(utf8));
        assertThrows(IOException.class, () -> JsonReader.read(utf8));
        assertThrows(IOException.class, () -> JsonReader.readPython("[Infinit]".getBytes(StandardCharsets.UTF_8)));
    }
}
