// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Families whose layers keep a state, or share what they keep, against forward passes in double precision, on random
 * models of odd sizes.
 */
class NaiveArchitecturesTest {
    @TempDir
    private Path folder;

    private void check(NaiveModel model) throws IOException {
        model.check(folder.resolve("model.gguf"), 30);
    }

    @Test
    void deltaNetsWithAttentionInEveryFourthLayer() throws IOException {
        check(new NaiveQwen35("qwen35", Map.of(), true, 1));
        check(new NaiveQwen35("qwen35", Map.of("block_count", 5, "nextn_predict_layers", 1), false, 2));
    }

    @Test
    void deltaNetsOfOtherSizes() throws IOException {
        // As many key heads as value heads, one convolution tap back, attention in every second layer; then the rest.
        check(new NaiveQwen35(
                "qwen35",
                Map.of(
                        "ssm.group_count", 3,
                        "ssm.time_step_rank", 3,
                        "ssm.state_size", 17,
                        "ssm.conv_kernel", 2,
                        "full_attention_interval", 2,
                        "attention.head_count", 4,
                        "attention.head_count_kv", 4,
                        "rope.dimension_count", 14,
                        "rope.dimension_sections", new int[] {3, 2, 2, 0}),
                true,
                3));
        check(new NaiveQwen35(
                "qwen35",
                Map.of(
                        "ssm.group_count", 1,
                        "ssm.time_step_rank", 6,
                        "ssm.state_size", 5,
                        "ssm.conv_kernel", 7,
                        "full_attention_interval", 3,
                        "attention.head_count_kv", 3),
                false,
                4));
    }

    @Test
    void pairsWithoutASectionDoNotTurn() throws IOException {
        Map<String, Object> keys =
                Map.of("rope.dimension_sections", new int[] {3, 0, 1, 2}, "rope.dimension_count", 12, "block_count", 4);
        check(new NaiveQwen35("qwen35", keys, true, 5));
    }

    @Test
    void deltaNetsWithExperts() throws IOException {
        check(new NaiveQwen35(
                "qwen35moe",
                Map.of(
                        "expert_count", 7,
                        "expert_used_count", 3,
                        "expert_feed_forward_length", 11,
                        "expert_shared_feed_forward_length", 19),
                true,
                6));
    }

    @Test
    void deltaNetsWhoseHeadsFollowEachOther() throws IOException {
        Map<String, Object> experts = Map.of(
                "expert_count", 5,
                "expert_used_count", 2,
                "expert_feed_forward_length", 12,
                "expert_shared_feed_forward_length", 17);
        check(new NaiveQwen35("qwen3next", experts, true, 17));
        Map<String, Object> others = new HashMap<>(experts);
        others.putAll(Map.of(
                "ssm.group_count", 3,
                "ssm.time_step_rank", 9,
                "ssm.state_size", 7,
                "full_attention_interval", 2,
                "block_count", 5,
                "nextn_predict_layers", 1,
                "rope.scaling.type", "linear"));
        check(new NaiveQwen35("qwen3next", others, false, 18));
        others.put("ssm.time_step_rank", 3);
        check(new NaiveQwen35("qwen3next", others, false, 19));
    }

    @Test
    void projectionsWithFactors() throws IOException {
        Map<String, Object> experts = Map.of(
                "expert_count", 5,
                "expert_used_count", 2,
                "expert_feed_forward_length", 12,
                "expert_shared_feed_forward_length", 17);
        check(new NaiveQwen35("qwen35moe", experts, false, 20).scaled());
        check(new NaiveMamba2("mamba2", Map.of(), false, 21).scaled());
    }

    @Test
    void stateSpaceLayers() throws IOException {
        check(new NaiveMamba2("mamba2", Map.of(), true, 7));
        check(new NaiveMamba2(
                "mamba2",
                Map.of(
                        "ssm.group_count", 1,
                        "ssm.time_step_rank", 3,
                        "ssm.inner_size", 39,
                        "ssm.state_size", 17,
                        "ssm.conv_kernel", 2),
                false,
                8));
        check(new NaiveMamba2(
                "mamba2",
                Map.of(
                        "ssm.group_count", 4,
                        "ssm.time_step_rank", 4,
                        "ssm.inner_size", 20,
                        "ssm.state_size", 1,
                        "ssm.conv_kernel", 6),
                true,
                9));
    }

    @Test
    void stateSpaceLayersBesideAttention() throws IOException {
        int[] kvHeads = {0, 3, 0, 1};
        Map<String, Object> scales = Map.of(
                "attention.head_count_kv",
                kvHeads,
                "embedding_scale",
                3f,
                "residual_scale",
                0.4f,
                "logit_scale",
                2.5f,
                "attention.scale",
                0.3f,
                "expert_count",
                5,
                "expert_used_count",
                2,
                "expert_feed_forward_length",
                13,
                "expert_shared_feed_forward_length",
                21);
        check(new NaiveMamba2("granitehybrid", scales, false, 10));
        check(new NaiveMamba2(
                "granitehybrid",
                Map.of("attention.head_count_kv", kvHeads, "rope.scaling.finetuned", false),
                true,
                11));
        check(new NaiveMamba2(
                "granitehybrid", Map.of("attention.head_count_kv", new int[4], "attention.scale", 0.3f), true, 12));
    }

    @Test
    void sharedKeysAndValuesAndLayerInputs() throws IOException {
        check(new NaiveGemma4(
                Map.of(
                        "attention.shared_kv_layers",
                        3,
                        "embedding_length_per_layer_input",
                        6,
                        "feed_forward_length",
                        new int[] {31, 17, 31, 40, 9},
                        "final_logit_softcapping",
                        3f),
                Set.of(),
                true,
                13));
        // A window that shares, heads of which the first part turns, other heads in each layer, no inputs of layers.
        check(new NaiveGemma4(
                Map.of(
                        "attention.shared_kv_layers", 1,
                        "attention.head_count", new int[] {4, 3, 2, 4, 6},
                        "attention.head_count_kv", new int[] {2, 3, 1, 2, 3},
                        "attention.sliding_window", 1,
                        "rope.dimension_count", 6,
                        "rope.dimension_count_swa", 4,
                        "final_logit_softcapping", 0f),
                Set.of(1),
                false,
                14));
        check(new NaiveGemma4(
                Map.of("attention.sliding_window_pattern", new boolean[] {true, true, true, true, false}),
                Set.of(4),
                true,
                15));
    }

    @Test
    void expertsBesideADenseLayer() throws IOException {
        check(new NaiveGemma4(
                Map.of(
                        "expert_count", 6,
                        "expert_used_count", 3,
                        "expert_feed_forward_length", 11,
                        "embedding_length_per_layer_input", 5),
                Set.of(1, 4),
                false,
                16));
    }

    @Test
    void latentAttention() throws IOException {
        check(new NaiveLatent(Map.of(), true, 20));
        check(new NaiveLatent(
                Map.of("attention.q_lora_rank", 7, "attention.head_count", 5, "attention.value_length_mla", 17),
                false,
                21));
        check(new NaiveLatent(
                Map.of("attention.temperature_scale", 0.3f, "attention.temperature_length", 8, "rope.freq_base", 300f),
                true,
                22));
    }

    @Test
    void latentAttentionInALongerContext() throws IOException {
        Map<String, Object> yarn = Map.of(
                "rope.scaling.type",
                "yarn",
                "rope.scaling.factor",
                4f,
                "rope.scaling.original_context_length",
                16,
                "rope.dimension_count",
                6);
        check(new NaiveLatent(yarn, true, 23));
        for (float multiplier : new float[] {0.1f, 0.0707f}) {
            Map<String, Object> keys = new HashMap<>(yarn);
            keys.put("rope.scaling.yarn_log_multiplier", multiplier);
            keys.put("rope.scaling.attn_factor", 1.5f);
            check(new NaiveLatent(keys, true, 24));
        }
    }

    @Test
    void latentAttentionWithExperts() throws IOException {
        Map<String, Object> experts = Map.of(
                "expert_count", 6,
                "expert_used_count", 3,
                "expert_feed_forward_length", 12,
                "expert_shared_count", 2,
                "leading_dense_block_count", 1);
        check(new NaiveLatent(experts, true, 25));
        Map<String, Object> others = new HashMap<>(experts);
        others.putAll(Map.of(
                "expert_gating_func", 2,
                "expert_weights_norm", true,
                "expert_weights_scale", 2.5f,
                "leading_dense_block_count", 0,
                "attention.q_lora_rank", 10));
        check(new NaiveLatent(others, false, 26));
        check(new NaiveLatent(others, false, 27).scaled());
    }

    @Test
    void latentAttentionWhoseSizesDoNotFitIsRefused() throws IOException {
        refused(new NaiveLatent(Map.of(), true, 20), "attention.key_length_mla", 4, "more than the 4 elements", "4");
        refused(new NaiveLatent(Map.of(), true, 20), "attention.kv_lora_rank", 12, "attn_kv_a_mqa");
        refused(new NaiveLatent(Map.of(), true, 20), "attention.head_count", 1 << 30, "head_count", "2^31");
        refused(new NaiveLatent(Map.of(), true, 20), "attention.head_count", 4, "attn_q");
    }

    private void refused(NaiveModel model, String key, Object value, String... parts) throws IOException {
        model.key(key, value);
        model.refused(folder.resolve("refused.gguf"), parts);
    }

    @Test
    void recurrencesWhoseSizesDoNotFitAreRefused() throws IOException {
        for (String family : new String[] {"qwen35", "qwen35moe"}) {
            refused(qwen35(family), "ssm.group_count", 3, "group_count", "a divisor of time_step_rank 4", "3");
            refused(qwen35(family), "ssm.inner_size", 35, "inner_size", "time_step_rank times state_size", "35");
            refused(qwen35(family), "ssm.conv_kernel", 1, "conv_kernel", "at least 2 positions");
            refused(qwen35(family), "ssm.state_size", 0, "state_size", "a positive number");
            refused(qwen35(family), "nextn_predict_layers", 4, "fewer than the 4 layers");
            refused(qwen35(family), "full_attention_interval", 0, "full_attention_interval");
            refused(qwen35(family), "rope.dimension_sections", new int[] {2, -1, 1, 0}, "numbers of pairs");
            refused(qwen35(family), "rope.dimension_sections", new int[4], "numbers of pairs");
            refused(qwen35(family), "attention.recurrent_layers", new boolean[3], "4 elements", "3 elements");
        }
        refused(mamba2(), "ssm.group_count", 4, "a divisor of time_step_rank 6", "4");
        refused(mamba2(), "ssm.time_step_rank", 5, "a divisor of inner_size 42", "5");
        refused(mamba2(), "ssm.conv_kernel", 1, "at least 2 positions");
        refused(mamba2(), "ssm.state_size", 1 << 30, "below 2^31");
        refused(mamba2(), "ssm.state_size", 8, "blk.0.ssm_in.weight");
    }

    @Test
    void groupsOfExpertsThatDoNotFitAreRefused() throws IOException {
        Map<String, Object> experts = Map.of(
                "expert_count", 6,
                "expert_used_count", 3,
                "expert_feed_forward_length", 12,
                "expert_shared_feed_forward_length", 17);
        for (int count : new int[] {4, -1}) {
            NaiveModel model = new NaiveQwen35("qwen35moe", experts, true, 1);
            refused(model, "expert_group_count", count, "expert_group_count", "a divisor of the 6 experts");
        }
        for (int used : new int[] {0, 1, 4}) {
            NaiveModel model = new NaiveQwen35("qwen35moe", experts, true, 1);
            model.key("expert_group_count", 3);
            refused(model, "expert_group_used_count", used, "expert_group_used_count", Integer.toString(used));
        }
    }

    private static NaiveModel qwen35(String family) {
        return new NaiveQwen35(family, Map.of(), true, 1);
    }

    private static NaiveModel mamba2() {
        return new NaiveMamba2("mamba2", Map.of(), true, 7);
    }

    private static NaiveModel gemma4() {
        return new NaiveGemma4(Map.of(), Set.of(), true, 13);
    }

    @Test
    void layersThatNothingCanBeSharedWithAreRefused() throws IOException {
        String key = "attention.shared_kv_layers";
        refused(gemma4(), key, 5, key, "fewer than the 5 layers");
        refused(gemma4(), key, -1, key);
        refused(gemma4(), key, 4, key, "a layer before the last 4", "none");
        NaiveModel other = gemma4();
        other.key("attention.head_count_kv", new int[] {2, 2, 2, 2, 1});
        refused(other, key, 1, key, "kvCount=1", "kvCount=2");
        refused(gemma4(), "attention.value_length_swa", 12, "value_length_swa", "the key length 10");
        refused(gemma4(), "rope.dimension_count_swa", 12, "rope.dimension_count_swa", "[2, head width 10]");
        refused(gemma4(), "embedding_length_per_layer_input", 4, "per_layer_token_embd");
        refused(gemma4(), "attention.scale", 0.5f, "attention.scale");
    }
}
