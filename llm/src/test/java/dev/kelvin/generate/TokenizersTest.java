// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {
    private static final String PREFIX = "tokenizer.ggml.";

    @TempDir
    private Path folder;

    private final Map<String, Object> metadata = new LinkedHashMap<>();

    TokenizersTest() {
        metadata.put("model", "llama");
        metadata.put("tokens", new String[] {"<unk>", "<s>", "</s>", "\u2581", "a", "b", "ab"});
        metadata.put("scores", new float[] {0, 0, 0, -1, -2, -3, -0.5f});
        metadata.put("token_type", new int[] {2, 3, 3, 1, 1, 1, 1});
        metadata.put("bos_token_id", 1);
        metadata.put("eos_token_id", 2);
        metadata.put("unknown_token_id", 0);
    }

    private Tokenizer load() throws IOException {
        GgufWriter writer = new GgufWriter();
        metadata.forEach((key, value) -> writer.metadata(PREFIX + key, value));
        Path path = folder.resolve("vocabulary.gguf");
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            return Tokenizers.of(file);
        }
    }

    private void refused(String key, String... parts) {
        ModelFormatException e = assertThrows(ModelFormatException.class, this::load);
        assertTrue(e.getMessage().contains(PREFIX + key), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void readsEverythingFromTheFile() throws IOException {
        Tokenizer tokenizer = load();
        assertEquals(7, tokenizer.vocabSize());
        assertEquals(1, tokenizer.bosId());
        assertEquals(2, tokenizer.eosId());
        assertTrue(tokenizer.isEndOfText(2));
        assertFalse(tokenizer.isEndOfText(1));
        assertTrue(tokenizer.addsBos());
        assertFalse(tokenizer.isEndOfText(6));
        metadata.put("eot_token_id", 6);
        assertTrue(load().isEndOfText(6));
        metadata.remove("eot_token_id");
        assertArrayEquals(new int[] {3, 6}, tokenizer.encode("ab"));
        assertArrayEquals(new int[] {1, 3, 6}, Tokenizers.promptIds(tokenizer, "ab"));
        assertArrayEquals(new int[] {1}, Tokenizers.promptIds(tokenizer, ""));
    }

    @Test
    void flagsAreHeeded() throws IOException {
        metadata.put("add_bos_token", false);
        metadata.put("add_space_prefix", false);
        Tokenizer tokenizer = load();
        assertFalse(tokenizer.addsBos());
        assertArrayEquals(new int[] {6}, tokenizer.encode("ab"));
        assertArrayEquals(new int[] {6}, Tokenizers.promptIds(tokenizer, "ab"));
        assertArrayEquals(new int[] {1}, Tokenizers.promptIds(tokenizer, ""), "something must be there to start from");
    }

    @Test
    void specialIdsMayBeAbsent() throws IOException {
        metadata.remove("bos_token_id");
        metadata.remove("eos_token_id");
        metadata.remove("unknown_token_id");
        Tokenizer tokenizer = load();
        assertEquals(-1, tokenizer.bosId());
        assertEquals(-1, tokenizer.eosId());
        assertFalse(tokenizer.addsBos());
        assertArrayEquals(new int[] {3, 6}, Tokenizers.promptIds(tokenizer, "ab"));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Tokenizers.promptIds(tokenizer, ""));
        assertTrue(e.getMessage().contains("no BOS"), e.getMessage());
    }

    @Test
    void otherTypesAreRefusedByName() {
        for (String model : new String[] {"t5", "bert", "LLAMA"}) {
            metadata.put("model", model);
            refused("model", "(llama, gpt2)", "found " + model);
        }
    }

    @Test
    void missingKeysAreRefused() {
        for (String key : new String[] {"model", "tokens", "scores", "token_type"}) {
            Object value = metadata.remove(key);
            refused(key);
            metadata.put(key, value);
        }
    }

    @Test
    void listsMustHaveTheSameLength() {
        metadata.put("scores", new float[6]);
        refused("scores", "7 elements", "found 6 elements");
        metadata.put("scores", new float[7]);
        metadata.put("token_type", new int[8]);
        refused("token_type", "7 elements", "found 8 elements");
        metadata.put("tokens", new String[0]);
        refused("tokens", "at least one token");
    }

    @Test
    void wrongTypesAreRefused() {
        metadata.put("scores", "0");
        refused("scores");
        metadata.put("scores", new float[7]);
        metadata.put("add_bos_token", 1);
        refused("add_bos_token");
    }

    @Test
    void malformedTokensAreRefused() {
        metadata.put("scores", new float[] {0, 0, 0, -1, Float.NaN, -3, -0.5f});
        refused("tokens", "token 4", "NaN");
        metadata.put("scores", new float[7]);
        metadata.put("token_type", new int[] {2, 3, 3, 1, 1, 1, 9});
        refused("tokens", "token 6", "type 9");
        metadata.put("token_type", new int[] {2, 3, 3, 1, 1, 6, 1});
        refused("tokens", "token 5");
    }

    @Test
    void specialIdsMustBeInTheVocabulary() {
        for (String key :
                new String[] {"bos_token_id", "eos_token_id", "eot_token_id", "eom_token_id", "unknown_token_id"}) {
            Object value = metadata.get(key);
            for (int bad : new int[] {7, -1, Integer.MAX_VALUE}) {
                metadata.put(key, bad);
                refused(key, "an id in [0, 7)", "found " + bad);
            }
            metadata.remove(key);
            if (value != null) {
                metadata.put(key, value);
            }
        }
    }
}
