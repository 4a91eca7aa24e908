// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Families whose layers keep a state, against forward passes in double precision, on random models of odd sizes. */
class RecurrentArchitecturesTest {
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
}
