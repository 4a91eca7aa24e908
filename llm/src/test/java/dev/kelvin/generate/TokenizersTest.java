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
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.Progress;
import dev.kelvin.tokenizer.SpecialToken;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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

    private final List<String> notes = new ArrayList<>();

    private Tokenizer load() throws IOException {
        notes.clear();
        GgufWriter writer = new GgufWriter();
        metadata.forEach((key, value) -> writer.metadata(PREFIX + key, value));
        Path path = folder.resolve("vocabulary.gguf");
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            return Tokenizers.of(file, LoadOptions.telling(telling(notes)));
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
    void specialIdsHaveTheDefaultsOfTheType() throws IOException {
        metadata.remove("bos_token_id");
        metadata.remove("eos_token_id");
        metadata.remove("unknown_token_id");
        Tokenizer tokenizer = load();
        assertEquals(1, tokenizer.bosId());
        assertEquals(2, tokenizer.eosId());
        assertArrayEquals(new int[] {3, 0}, tokenizer.encode("x"), "the unknown token");
        assertArrayEquals(new int[] {1, 3, 6}, Tokenizers.promptIds(tokenizer, "ab"));
        assertEquals(List.of(), notes);
    }

    @Test
    void aVocabularyTooSmallForTheDefaultsHasNone() throws IOException {
        metadata.put("tokens", new String[] {"a"});
        metadata.put("scores", new float[1]);
        metadata.put("token_type", new int[] {1});
        metadata.keySet().removeIf(key -> key.endsWith("_id"));
        metadata.put("add_space_prefix", false);
        Tokenizer tokenizer = load();
        assertEquals(-1, tokenizer.bosId());
        assertEquals(-1, tokenizer.eosId());
        assertFalse(tokenizer.addsBos());
        assertArrayEquals(new int[] {0}, Tokenizers.promptIds(tokenizer, "a"));
        assertEquals(List.of(), notes);
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> Tokenizers.promptIds(tokenizer, ""));
        assertTrue(e.getMessage().contains("no BOS"), e.getMessage());
        metadata.put("add_bos_token", true);
        assertFalse(load().addsBos());
        noted("add_bos_token", "none is added");
    }

    private void noted(String key, String... parts) {
        assertEquals(1, notes.size(), notes::toString);
        assertTrue(notes.getFirst().contains(PREFIX + key), notes::toString);
        for (String part : parts) {
            assertTrue(notes.getFirst().contains(part), notes::toString);
        }
    }

    @Test
    void otherTypesAreRefusedByName() {
        for (String model : new String[] {"rwkv", "plamo2", "LLAMA"}) {
            metadata.put("model", model);
            refused("model", "(llama, gpt2, bert, t5, gemma4)", "found " + model);
        }
    }

    @Test
    void missingKeysAreRefused() {
        for (String key : new String[] {"model", "tokens"}) {
            Object value = metadata.remove(key);
            refused(key);
            metadata.put(key, value);
        }
    }

    @Test
    void scoresMayBeIntegersOrMissing() throws IOException {
        metadata.put("tokens", new String[] {"<unk>", "<s>", "</s>", "a", "b", "ab", "bb"});
        metadata.put("add_space_prefix", false);
        metadata.put("scores", new int[] {0, 0, 0, 0, 0, -1, -2});
        assertArrayEquals(new int[] {5, 4}, load().encode("abb"));
        metadata.put("scores", new int[] {0, 0, 0, 0, 0, -2, -1});
        assertArrayEquals(new int[] {3, 6}, load().encode("abb"));
        metadata.remove("scores");
        assertArrayEquals(new int[] {5, 4}, load().encode("abb"), "0 each: the leftmost");
        assertEquals(List.of(), notes);
    }

    @Test
    void typesMayBeUndefinedOrMissing() throws IOException {
        metadata.put("token_type", new int[7]);
        assertArrayEquals(new int[] {3, 6}, load().encode("ab"));
        metadata.remove("token_type");
        Tokenizer tokenizer = load();
        assertArrayEquals(new int[] {3, 6}, tokenizer.encode("ab"));
        assertArrayEquals(new int[] {3, 0, 0, 0, 0}, tokenizer.encode("</s>"), "known as an end by its spelling");
        assertEquals(List.of(), notes);
    }

    @Test
    void whatIsTooLongIsCut() throws IOException {
        metadata.put("scores", new float[] {0, 0, 0, -1, -2, -3, -0.5f, 7});
        assertArrayEquals(new int[] {3, 6}, load().encode("ab"));
        noted("scores", "8 elements");
        metadata.put("scores", new float[7]);
        metadata.put("token_type", new int[] {2, 3, 3, 1, 1, 1, 1, 1, 1});
        assertArrayEquals(new int[] {3, 6}, load().encode("ab"));
        noted("token_type", "9 elements");
    }

    @Test
    void whatIsTooShortIsRefused() {
        metadata.put("scores", new float[6]);
        refused("scores", "7 elements", "found 6 elements");
        metadata.put("scores", new float[7]);
        metadata.put("token_type", new int[6]);
        refused("token_type", "7 elements", "found 6 elements");
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
    void specialIdsOutsideTheVocabularyGiveWay() throws IOException {
        Map<String, Integer> defaults = Map.of("bos_token_id", 1, "eos_token_id", 2, "unknown_token_id", 0);
        for (SpecialToken token : SpecialToken.values()) {
            String key = token.ggufKey();
            Object value = metadata.get(key);
            for (long bad : new long[] {7, -1, Integer.MAX_VALUE, 1L << 32}) {
                metadata.put(key, bad);
                assertEquals(defaults.getOrDefault(key, -1), load().special().id(token), key);
                noted(key, Long.toString(bad), defaults.containsKey(key) ? "the default" : "there is none");
            }
            metadata.remove(key);
            if (value != null) {
                metadata.put(key, value);
            }
        }
    }

    @Test
    void everyKeyOfAnEndIsRead() throws IOException {
        for (String key : List.of(
                "eos_token_id",
                "eot_token_id",
                "eom_token_id",
                "fim_pad_token_id",
                "fim_rep_token_id",
                "fim_sep_token_id")) {
            assertFalse(load().isEndOfText(5), key);
            Object before = metadata.put(key, 5);
            assertTrue(load().isEndOfText(5), key);
            metadata.remove(key);
            if (before != null) {
                metadata.put(key, before);
            }
        }
    }

    @Test
    void suppressedTokensAreKnown() throws IOException {
        assertEquals(List.of(), load().special().suppressed());
        metadata.put("suppress_tokens", new int[] {5, -1, 3, 7, 5});
        Tokenizer tokenizer = load();
        assertEquals(List.of(3, 5), tokenizer.special().suppressed(), "those outside the vocabulary do not count");
        SamplerChain chain = Tokenizers.samplerChain(tokenizer, List.of(new Temperature(0)));
        assertFalse(chain.isTemperatureOnly());
        assertTrue(Tokenizers.samplerChain(tokenizer(), List.of(new Temperature(0)))
                .isTemperatureOnly());
    }

    private Tokenizer tokenizer() throws IOException {
        metadata.remove("suppress_tokens");
        return load();
    }

    private static Progress telling(List<String> notes) {
        return new Progress() {
            @Override
            public void at(long done, long total) {}

            @Override
            public void remark(String line) {
                notes.add(line);
            }
        };
    }
}
