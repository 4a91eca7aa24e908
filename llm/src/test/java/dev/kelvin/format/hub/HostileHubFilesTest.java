// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.RefusalCost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files of a folder, each as long as it is read, that mean nothing: refused by name, soon and in little memory. */
class HostileHubFilesTest {
    private static final String CONFIG = "config.json";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String TEMPLATE = "chat_template.jinja";
    private static final String TOKENIZER_CONFIG = "tokenizer_config.json";

    private static final String SOUND =
            "{\"architectures\":[\"LlamaForCausalLM\"],\"model_type\":\"llama\",\"hidden_size\":4,"
                    + "\"intermediate_size\":4,\"num_hidden_layers\":1,\"num_attention_heads\":1,\"num_key_value_heads\":1,"
                    + "\"max_position_embeddings\":8,\"vocab_size\":3,\"rms_norm_eps\":1e-5,\"rope_theta\":10000.0,"
                    + "\"tie_word_embeddings\":true,\"hidden_act\":\"silu\"}";

    enum Hostile {
        DEEP_CONFIG(CONFIG, () -> "{\"a\":" + "[".repeat(1_000_000)),
        CONFIG_OF_MANY_CLASSES(CONFIG, () -> "{\"architectures\":[" + "\"x\",".repeat(200_000) + "\"x\"]}"),
        CONFIG_OF_MANY_FIELDS(CONFIG, () -> "{" + listed(60_000, "\"k%d\":1,") + "\"k0\":1}"),
        CONFIG_WITHOUT_END(CONFIG, () -> SOUND.substring(0, SOUND.length() - 1) + " ".repeat(1_000_000)),
        DEEP_GENERATION("generation_config.json", () -> "{\"eos_token_id\":" + "[".repeat(1_000_000)),
        INDEX_WITHOUT_END(INDEX, () -> "{\"weight_map\":{" + listed(200_000, "\"t%d\":\"model.safetensors\",")),
        INDEX_OF_MANY_FILES(
                INDEX,
                () -> "{\"weight_map\":{" + listed(200_000, "\"t%1$d\":\"m%1$d.safetensors\",")
                        + "\"t\":\"m.safetensors\"}}"),
        INDEX_THAT_LEAVES_THE_FOLDER(
                INDEX,
                () -> "{\"weight_map\":{" + listed(200_000, "\"t%d\":\"model.safetensors\",")
                        + "\"t\":\"../m.safetensors\"}}"),
        INDEX_BEYOND_ASCII(INDEX, () -> "{\"weight_map\":{\"\u20ac\":\"" + "x".repeat(10_000_000)),
        LONG_INDEX(INDEX, () -> "{" + " ".repeat(17_000_000)),
        LONG_TEMPLATE(TEMPLATE, () -> "{{ x }}".repeat(200_000)),
        TOKENIZER_CONFIG_WITHOUT_END(TOKENIZER_CONFIG, () -> "{" + listed(300_000, "\"k%d\":{\"content\":\"a\"},")),
        DEEP_TOKENIZER_CONFIG(TOKENIZER_CONFIG, () -> "{\"a\":" + "{\"a\":".repeat(1_500_000)),
        LONG_TOKENIZER_CONFIG(TOKENIZER_CONFIG, () -> "{" + " ".repeat(17_000_000));

        private final String file;

        @SuppressWarnings("ImmutableEnumChecker") // each makes the same text again
        private final Supplier<String> text;

        Hostile(String file, Supplier<String> text) {
            this.file = file;
            this.text = text;
        }

        private static String listed(int count, String format) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < count; i++) {
                all.append(format.replace("%1$d", Integer.toString(i)).replace("%d", Integer.toString(i)));
            }
            return all.toString();
        }
    }

    @TempDir
    Path folder;

    @BeforeEach
    void writeConfig() throws IOException {
        Files.writeString(folder.resolve(CONFIG), SOUND);
    }

    private ModelFormatException refused() {
        return assertThrows(
                ModelFormatException.class, () -> HubFolder.open(folder).close());
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedSoon(Hostile hostile) throws IOException {
        Path file = Files.writeString(folder.resolve(hostile.file), hostile.text.get());
        RefusalCost.Refusal refusal = () -> assertEquals(file, refused().path());
        RefusalCost.Cost cost = hostile == Hostile.TOKENIZER_CONFIG_WITHOUT_END
                ? RefusalCost.requireSoon(hostile.name(), refusal)
                : RefusalCost.require(hostile.name(), refusal);
        System.out.println(hostile + ": " + cost);
    }

    @Test
    void aTemplateThatIsNoTextIsRefusedByName() throws IOException {
        byte[] latin = "{{ 'd\u00e9j\u00e0 vu' }}".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve(TEMPLATE), latin);
        ModelFormatException refusal = refused();
        assertEquals(file, refusal.path());
        assertEquals("UTF-8", refusal.expected());
        Files.delete(file);
        Path other = folder.resolve("additional_chat_templates/tool_use.jinja");
        Files.createDirectories(other.getParent());
        Files.write(other, latin);
        assertEquals(other, refused().path());
    }
}
