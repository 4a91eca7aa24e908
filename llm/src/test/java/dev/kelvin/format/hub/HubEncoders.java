// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import java.util.Map;
import java.util.function.BiConsumer;

/** What encoders call their sizes and tensors on the hub. */
final class HubEncoders {
    private HubEncoders() {}

    /** The fields that encoders have under names of their own. */
    static void sizes(String architecture, Map<String, Object> config, BiConsumer<String, String> copy) {
        switch (architecture) {
            case "bert" -> copy.accept("attention.layer_norm_epsilon", "layer_norm_eps");
            case "nomic-bert", "nomic-bert-moe" -> {
                config.keySet().removeIf(key -> !key.equals("vocab_size"));
                copy.accept("block_count", "n_layer");
                copy.accept("embedding_length", "n_embd");
                copy.accept("feed_forward_length", "n_inner");
                copy.accept("attention.head_count", "n_head");
                copy.accept("rope.freq_base", "rotary_emb_base");
                copy.accept("attention.layer_norm_epsilon", "layer_norm_epsilon");
            }
            case "modern-bert" -> {
                config.remove("rope_theta");
                config.remove("sliding_window");
                copy.accept("attention.sliding_window", "local_attention");
                copy.accept("attention.sliding_window_pattern", "global_attn_every_n_layers");
                copy.accept("attention.layer_norm_epsilon", "norm_eps");
                copy.accept("rope.freq_base", "global_rope_theta");
                copy.accept("rope.freq_base_swa", "local_rope_theta");
                copy.accept("hidden_activation", "hidden_activation");
            }
            default -> {}
        }
    }

    /** Names of encoders; null for other models. */
    static String name(String architecture, String name) {
        String[][] names =
                switch (architecture) {
                    case "bert" ->
                        new String[][] {
                            {"token_embd_norm", "embeddings.LayerNorm"},
                            {"token_embd", "embeddings.word_embeddings"},
                            {"position_embd", "embeddings.position_embeddings"},
                            {"token_types", "embeddings.token_type_embeddings"},
                            {"attn_output_norm", "attention.output.LayerNorm"},
                            {"attn_output", "attention.output.dense"},
                            {"attn_q", "attention.self.query"},
                            {"attn_k", "attention.self.key"},
                            {"attn_v", "attention.self.value"},
                            {"ffn_up", "intermediate.dense"},
                            {"ffn_down", "output.dense"},
                            {"layer_output_norm", "output.LayerNorm"},
                            {"blk", "encoder.layer"}
                        };
                    case "nomic-bert" ->
                        new String[][] {
                            {"token_embd_norm", "emb_ln"},
                            {"token_embd", "embeddings.word_embeddings"},
                            {"token_types", "embeddings.token_type_embeddings"},
                            {"attn_output_norm", "norm1"},
                            {"attn_output", "attn.out_proj"},
                            {"attn_qkv", "attn.Wqkv"},
                            {"ffn_up", "mlp.fc11"},
                            {"ffn_gate", "mlp.fc12"},
                            {"ffn_down", "mlp.fc2"},
                            {"layer_output_norm", "norm2"},
                            {"blk", "encoder.layers"}
                        };
                    case "nomic-bert-moe" ->
                        new String[][] {
                            {"token_embd_norm", "emb_ln"},
                            {"token_embd", "embeddings.word_embeddings"},
                            {"attn_output_norm", "norm1"},
                            {"attn_output", "attn.out_proj"},
                            {"attn_qkv", "attn.Wqkv"},
                            {"ffn_up", "mlp.fc1"},
                            {"ffn_down", "mlp.fc2"},
                            {"ffn_gate_inp", "mlp.router.layer"},
                            {"layer_output_norm", "norm2"},
                            {"blk", "encoder.layers"}
                        };
                    case "modern-bert" ->
                        new String[][] {
                            {"token_embd_norm", "embeddings.norm"},
                            {"token_embd", "embeddings.tok_embeddings"},
                            {"output_norm", "final_norm"},
                            {"attn_norm", "attn_norm"},
                            {"attn_output", "attn.Wo"},
                            {"attn_qkv", "attn.Wqkv"},
                            {"ffn_norm", "mlp_norm"},
                            {"ffn_up", "mlp.Wi"},
                            {"ffn_down", "mlp.Wo"},
                            {"blk", "layers"}
                        };
                    default -> new String[0][];
                };
        if (names.length == 0) {
            return null;
        }
        if (name.startsWith("cls.")) {
            String head = architecture.equals("bert") ? "pooler.dense." : "head.dense.";
            return name.replace("cls.output.", "classifier.")
                    .replace("cls.norm.", "head.norm.")
                    .replace("cls.", head);
        }
        String[] words = name.split("\\.", -1);
        for (int i = 0; i < words.length; i++) {
            for (String[] pair : names) {
                if (words[i].equals(pair[0])) {
                    words[i] = pair[1];
                    break;
                }
            }
        }
        String joined = String.join(".", words);
        return architecture.equals("bert") ? joined.replace("LayerNorm.weight", "LayerNorm.gamma") : joined;
    }
}
