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
import dev.kelvin.tokenizer.BpeTrainer;
import dev.kelvin.tokenizer.BpeVocabulary;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of type {@code gpt2}: what is read, what is refused, and that a trained vocabulary survives its file. */
class BytePairVocabulariesTest {
    private static final String PREFIX = "tokenizer.ggml.";

    @TempDir
    private Path folder;

    private final Map<String, Object> metadata = new LinkedHashMap<>();

    BytePairVocabulariesTest() {
        metadata.put(PREFIX + "model", "gpt2");
        metadata.put(PREFIX + "pre", "gpt-2");
        metadata.put(PREFIX + "tokens", new String[] {"a", "b", "c", "\u0120", "ab", "\u0120ab", "<|im_end|>", "1"});
        metadata.put(PREFIX + "token_type", new int[] {1, 1, 1, 1, 1, 1, 3, 1});
        metadata.put(PREFIX + "merges", new String[] {"a b", "\u0120 ab"});
        metadata.put(PREFIX + "bos_token_id", 2);
        metadata.put(PREFIX + "eos_token_id", 0);
    }

    private Tokenizer load() throws IOException {
        GgufWriter writer = new GgufWriter();
        metadata.forEach(writer::metadata);
        Path path = folder.resolve("vocabulary.gguf");
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            return Tokenizers.of(file);
        }
    }

    private void refused(String key, Object value, String named, String... parts) {
        Object before = metadata.put(PREFIX + key, value);
        ModelFormatException e = assertThrows(ModelFormatException.class, this::load);
        metadata.put(PREFIX + key, before);
        assertTrue(e.getMessage().contains(PREFIX + named), e.getMessage());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void aTurnAndAMessageEndWhereTheFileSays() throws IOException {
        assertFalse(load().isEndOfText(7));
        metadata.put(PREFIX + "eot_token_id", 7);
        metadata.put(PREFIX + "eom_token_id", 1);
        Tokenizer tokenizer = load();
        assertTrue(tokenizer.isEndOfText(7));
        assertTrue(tokenizer.isEndOfText(1));
        assertTrue(tokenizer.isEndOfText(0), "the end of a sequence remains one");
        assertEquals(0, tokenizer.eosId());
        assertFalse(tokenizer.isEndOfText(4));
    }

    @Test
    void readsEverythingFromTheFile() throws IOException {
        Tokenizer tokenizer = load();
        assertArrayEquals(new int[] {4, 5, 2, 1}, tokenizer.encode("ab abcb"));
        assertEquals("ab abcb", tokenizer.decode(4, 5, 2, 1));
        assertEquals(2, tokenizer.bosId());
        assertEquals(0, tokenizer.eosId());
        assertTrue(tokenizer.isEndOfText(0));
        assertTrue(tokenizer.isEndOfText(6), "an end of turn");
        assertFalse(tokenizer.isEndOfText(2));
        assertFalse(tokenizer.addsBos());
        assertArrayEquals(new int[] {0}, tokenizer.encode("aé"), "a byte without a token is left out");
    }

    @Test
    void defaultsDependOnThePreTokenizer() throws IOException {
        metadata.put(PREFIX + "pre", "llama-bpe");
        assertTrue(load().addsBos());
        metadata.put(PREFIX + "add_bos_token", false);
        assertFalse(load().addsBos());
        metadata.remove(PREFIX + "pre");
        metadata.remove(PREFIX + "token_type");
        metadata.put(PREFIX + "add_bos_token", true);
        assertTrue(load().addsBos());
        metadata.remove(PREFIX + "bos_token_id");
        assertFalse(load().addsBos(), "there is none to add");
    }

    @Test
    void aWholeWordIsTakenWhereTheModelWantsIt() throws IOException {
        metadata.remove(PREFIX + "token_type");
        metadata.put(PREFIX + "merges", new String[] {"\u0120 a", "a b"});
        metadata.put(PREFIX + "tokens", new String[] {"a", "b", "c", "\u0120", "ab", "\u0120ab", "\u0120a", "1"});
        assertArrayEquals(new int[] {6, 1}, load().encode(" ab"), "no merge leads to the token");
        metadata.put(PREFIX + "pre", "llama-bpe");
        assertArrayEquals(new int[] {5}, load().encode(" ab"));
    }

    @Test
    void doublesAreDecided() throws IOException {
        metadata.remove(PREFIX + "token_type");
        metadata.put(PREFIX + "tokens", new String[] {"a", "b", "c", "\u0120", "ab", "ab", "b", "bc"});
        metadata.put(PREFIX + "merges", new String[] {"b c", "a b", "b c"});
        Tokenizer tokenizer = load();
        assertArrayEquals(new int[] {5, 6}, tokenizer.encode("abb"), "of two equal pieces the later id");
        assertArrayEquals(new int[] {0, 7}, tokenizer.encode("abc"), "of two equal merges the earlier");
    }

    @Test
    void malformedTablesAreRefused() {
        refused("pre", "no-such", "pre", "gpt-2", "llama-bpe", "tekken", "found no-such");
        refused("merges", new int[] {1}, "merges");
        refused("tokens", new String[0], "tokens", "at least one token");
        refused("token_type", new int[7], "token_type", "8 elements", "found 7 elements");
        refused("tokens", new String[] {"aa", "bb", "", "xx", "yy", "zz", "::", "12"}, "tokens", "single byte");
        refused("token_type", new int[] {1, 1, 1, 1, 1, 1, 3, 7}, "tokens", "token 7", "type 7");
    }

    @Test
    void mergesOfWhatIsNoTokenNeverApply() throws IOException {
        metadata.put(PREFIX + "merges", new String[] {"a c", "x b", "ab", "", " ", "a b", "b  ab"});
        assertArrayEquals(new int[] {0, 2, 4}, load().encode("acab"));
    }

    /** Those of the first file type of this kind, as llama.cpp has them. */
    @Test
    void idsThatAreMissing() throws IOException {
        metadata.remove(PREFIX + "bos_token_id");
        metadata.remove(PREFIX + "eos_token_id");
        assertEquals(-1, load().bosId(), "11 is outside the vocabulary");
        metadata.put(PREFIX + "tokens", "abcdefghijkl".split(""));
        metadata.remove(PREFIX + "token_type");
        metadata.put(PREFIX + "add_bos_token", true);
        Tokenizer tokenizer = load();
        assertEquals(11, tokenizer.bosId());
        assertEquals(11, tokenizer.eosId());
        assertArrayEquals(new int[] {11, 0}, Tokenizers.promptIds(tokenizer, "a"));
    }

    @Test
    void aTrainedVocabularySurvivesItsFile() throws IOException {
        String text = "Once upon a time there was a tiny crab. The crab said: \"It's a fine day\u2014isn't it?\"\n\n"
                .repeat(4);
        BpeVocabulary vocabulary = BpeTrainer.train(List.of(text), 320, true);
        Tokenizer trained = GgufTokenizers.bytePairs(vocabulary);
        metadata.clear();
        metadata.putAll(vocabulary.metadata());
        Tokenizer loaded = load();
        for (String sample :
                new String[] {text, "", "a", "crabs aren't 12345 \u00e9\ud83d\ude42\ud800!\n\n\n  x", "\u0000"}) {
            assertArrayEquals(trained.encode(sample), loaded.encode(sample));
            assertEquals(sample.replace('\ud800', '\ufffd'), loaded.decode(loaded.encode(sample)));
        }
        assertEquals(vocabulary.pieces().length, loaded.vocabSize());
        assertEquals(trained.bosId(), loaded.bosId());
        assertEquals(trained.eosId(), loaded.eosId());
        assertTrue(loaded.addsBos());
        assertArrayEquals(new int[] {loaded.bosId()}, Tokenizers.promptIds(loaded, ""));
    }

    @Test
    void aVocabularyOfCharactersSurvivesItsFile() throws IOException {
        Vocabulary vocabulary = Vocabulary.ofCharacters("to be, or not\nto b\u00e9", false);
        Tokenizer made = GgufTokenizers.sentencePieces(vocabulary);
        metadata.clear();
        metadata.putAll(vocabulary.metadata());
        Tokenizer loaded = load();
        String sample = " not to be\u00e9,\n\nr x";
        assertArrayEquals(made.encode(sample), loaded.encode(sample));
        assertEquals(sample.length(), loaded.encode(sample).length);
        assertEquals(" not to be\u00e9,\n\nr \u2585", loaded.decode(loaded.encode(sample)));
        assertFalse(loaded.addsBos());
        assertEquals(1, loaded.bosId());
        assertEquals(2, loaded.eosId());
    }
}
