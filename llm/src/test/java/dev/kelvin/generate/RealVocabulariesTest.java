// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.tokenizer.StreamingDecoder;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** llama.cpp's own cases for two vocabularies of real models, id by id. */
class RealVocabulariesTest {
    private static Tokenizer load(String name) throws IOException {
        try (GgufFile file = GgufFile.open(SharedData.require("tokenizers/ggml-vocab-" + name + ".gguf"))) {
            return Tokenizers.of(file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "llama-spm"})
    void idsAreThoseOfLlamaCpp(String name) throws IOException {
        Tokenizer tokenizer = load(name);
        eachCase(name, (text, ids) -> {
            int[] found = tokenizer.encode(text);
            assertArrayEquals(ids, found, "\"" + text + "\"");
            assertEquals(text, tokenizer.decode(found), "\"" + text + "\" and back");
            assertEquals(text, oneByOne(tokenizer, found), "\"" + text + "\" and back one by one");
        });
    }

    @Test
    void wordPiecesAreThoseOfLlamaCpp() throws IOException {
        Tokenizer tokenizer = load("bert-bge");
        eachCase("bert-bge", (text, ids) -> assertArrayEquals(ids, tokenizer.encode(text), "\"" + text + "\""));
        assertArrayEquals(new int[] {101, 7592, 2088, 102}, tokenizer.surround(tokenizer.encode("Hello world")));
        assertEquals("hello world", tokenizer.decode(tokenizer.encode("Hello world")));
    }

    private static void eachCase(String name, BiConsumer<String, int[]> check) throws IOException {
        Path texts = SharedData.require("tokenizers/ggml-vocab-" + name + ".gguf.inp");
        String[] cases = Files.readString(texts).split("\n__ggml_vocab_test__\n", -1);
        String[] expected = Files.readString(SharedData.require("tokenizers/ggml-vocab-" + name + ".gguf.out"))
                .split("\n", -1);
        assertTrue(cases.length > 40, () -> cases.length + " cases");
        for (int i = 0; i < cases.length; i++) {
            int[] ids = Stream.of(expected[i].strip().split(" +"))
                    .filter(id -> !id.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            check.accept(cases[i], ids);
        }
    }

    private static String oneByOne(Tokenizer tokenizer, int[] ids) {
        StreamingDecoder decoder = tokenizer.decoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String part = decoder.accept(id);
            assertTrue(part.indexOf('\ufffd') < 0, "half a character was given out");
            text.append(part);
        }
        return text.append(decoder.finish()).toString();
    }

    @Test
    void specialTokensOfGpt2() throws IOException {
        Tokenizer tokenizer = load("gpt-2");
        assertEquals(50_257, tokenizer.vocabSize());
        assertEquals(50_256, tokenizer.bosId());
        assertEquals(50_256, tokenizer.eosId());
        assertTrue(tokenizer.isEndOfText(50_256));
        assertEquals("", tokenizer.decode(50_256));
        assertEquals("<|endoftext|>", tokenizer.piece(50_256));
        assertEquals("\u0120the", tokenizer.piece(262));
        assertEquals(" the", tokenizer.decode(262));
        assertArrayEquals(new int[] {15496}, Tokenizers.promptIds(tokenizer, "Hello"), "GPT-2 expects no BOS");
    }
}
