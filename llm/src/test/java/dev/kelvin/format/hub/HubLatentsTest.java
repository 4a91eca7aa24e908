// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of models with latent attention, whose one matrix makes keys and values of the latents. */
class HubLatentsTest {
    private static final int HEADS = 2;
    private static final int STILL = 3;
    private static final int LATENT = 5;

    @TempDir
    private Path folder;

    /** One matrix, whose elements are counted. */
    private void write(int rows) throws IOException {
        String config = "{'architectures':['DeepseekV3ForCausalLM'],'num_hidden_layers':1,'hidden_size':8,"
                + "'num_attention_heads':2,'max_position_embeddings':64,'vocab_size':20,'intermediate_size':16,"
                + "'moe_intermediate_size':4,'kv_lora_rank':5,'qk_nope_head_dim':3,'qk_rope_head_dim':2,'v_head_dim':1,"
                + "'n_routed_experts':4,'n_shared_experts':1,'num_experts_per_tok':2,'tie_word_embeddings':true,"
                + "'rope_scaling':{'type':'yarn','factor':4,'mscale':0.5,'mscale_all_dim':0.5}}";
        Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
        byte[] header = ("{\"model.layers.0.self_attn.kv_b_proj.weight\":{\"dtype\":\"F32\",\"shape\":[" + rows + ","
                        + LATENT + "],\"data_offsets\":[0," + rows * LATENT * Float.BYTES + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(Long.BYTES + header.length + rows * LATENT * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header);
        for (int i = 0; i < rows * LATENT; i++) {
            file.putFloat(i);
        }
        Files.write(folder.resolve("model.safetensors"), file.array());
    }

    @Test
    void keysAndValuesOfEachHead() throws IOException {
        int values = 4;
        int each = STILL + values;
        write(HEADS * each);
        try (ModelFile hub = ModelFiles.open(folder)) {
            float[] keys = new float[HEADS * LATENT * STILL];
            float[] rest = new float[HEADS * values * LATENT];
            for (int h = 0; h < HEADS; h++) {
                for (int c = 0; c < LATENT; c++) {
                    for (int i = 0; i < STILL; i++) {
                        keys[(h * LATENT + c) * STILL + i] = (h * each + i) * LATENT + c;
                    }
                    for (int i = 0; i < values; i++) {
                        rest[(h * values + i) * LATENT + c] = (h * each + STILL + i) * LATENT + c;
                    }
                }
            }
            assertEquals(
                    Shape.of(HEADS, LATENT, STILL),
                    hub.tensor("blk.0.attn_k_b.weight").shape());
            assertArrayEquals(keys, hub.tensor("blk.0.attn_k_b.weight").toHeap().data());
            assertEquals(
                    Shape.of(HEADS, values, LATENT),
                    hub.tensor("blk.0.attn_v_b.weight").shape());
            assertArrayEquals(rest, hub.tensor("blk.0.attn_v_b.weight").toHeap().data());
        }
    }

    @Test
    void keysAreThoseOfLatentAttention() throws IOException {
        write(2 * 4);
        try (ModelFile hub = ModelFiles.open(folder)) {
            assertEquals(7, hub.metadata().integer("deepseek2.attention.key_length"));
            assertEquals(5, hub.metadata().integer("deepseek2.attention.value_length"));
            assertEquals(5, hub.metadata().integer("deepseek2.attention.key_length_mla"));
            assertEquals(1, hub.metadata().integer("deepseek2.attention.value_length_mla"));
            assertEquals(2, hub.metadata().integer("deepseek2.rope.dimension_count"));
            assertEquals(2, hub.metadata().integer("deepseek2.expert_gating_func"));
            assertEquals(0.05f, hub.metadata().real("deepseek2.rope.scaling.yarn_log_multiplier"));
        }
    }

    @Test
    void rowsThatAreNotThoseOfHeadsAreRefused() throws IOException {
        for (int rows : new int[] {7, 6}) {
            write(rows);
            String message = assertThrows(ModelFormatException.class, () -> ModelFiles.open(folder))
                    .getMessage();
            assertTrue(message.contains("rows of 2 heads with 3 elements of a key each"), message);
        }
    }
}
