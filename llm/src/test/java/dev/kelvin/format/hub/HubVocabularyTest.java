// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vocabulary written as GGUF's keys cuts texts as its tokenizer.json does. */
class HubVocabularyTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "style-llama3, llama-bpe",
        "style-qwen2, qwen2",
        "style-o200k, gpt-4o",
        "style-deepseek3, deepseek-v3",
        "phi-3-mini, default",
        "style-gemma, default",
        "minilm,"
    })
    void cutsTheSame(String name, String pre) throws IOException {
        Path json = SharedData.require("tokenizers/hf/" + name + ".tokenizer.json");
        Map<String, Object> keys = HubVocabulary.keys(json, 40_000);
        assertEquals(pre, keys.get("tokenizer.ggml.pre"));
        GgufWriter writer = new GgufWriter();
        keys.forEach(writer::metadata);
        Path path = folder.resolve("vocabulary.gguf");
        writer.write(path);
        try (GgufFile file = GgufFile.open(path)) {
            Tokenizer expected = TokenizerJson.read(json);
            Tokenizer found = Tokenizers.of(file);
            for (String text : texts(name)) {
                if (name.equals("minilm")
                        && (text.length() > 100 || text.codePoints().anyMatch(HubVocabularyTest::isCutOtherwise))) {
                    continue; // llama.cpp leaves marks and parts of syllables out, and cuts words of any length
                }
                // GGUF has no word for Qwen's normalisation.
                String composed = name.equals("style-qwen2") ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
                assertArrayEquals(expected.encode(text, false), found.encode(composed, false), text);
            }
        }
    }

    private static boolean isCutOtherwise(int point) {
        return point >= 0x250 || Character.isISOControl(point);
    }

    private static List<String> texts(String name) throws IOException {
        Object cases = JsonReader.read(Files.readAllBytes(SharedData.require("tokenizers/hf/" + name + ".cases.json")));
        List<?> list = (List<?>) (cases instanceof Map<?, ?> map ? map.get("cases") : cases);
        return list.stream()
                .map(each -> (String) ((Map<?, ?>) each).get("text"))
                .toList();
    }

    /** Gemma 3's smallest has a token for pictures, and no row for it. */
    @Test
    void addedTokensBeyondTheRowsAreLeftOut() throws IOException {
        Path json = folder.resolve("tokenizer.json");
        Files.writeString(
                json,
                "{\"model\":{\"type\":\"BPE\",\"byte_fallback\":true,\"unk_token\":\"u\",\"merges\":[],"
                        + "\"vocab\":{\"u\":0,\"a\":1}},\"added_tokens\":[{\"id\":2,\"content\":\"<x>\","
                        + "\"special\":true},{\"id\":3,\"content\":\"<image>\",\"special\":true}]}");
        Map<String, Object> keys = HubVocabulary.keys(json, 3);
        assertArrayEquals(new String[] {"u", "a", "<x>"}, (String[]) keys.get("tokenizer.ggml.tokens"));
    }

    @Test
    void whatGgufHasNoFormForIsRefused() {
        Path words = SharedData.require("tokenizers/hf/t5-small.tokenizer.json");
        String message = assertThrows(ModelFormatException.class, () -> HubVocabulary.keys(words, 40_000))
                .getMessage();
        assertTrue(message.contains("key model: expected byte pairs or word pieces"), message);
        Path json = SharedData.require("tokenizers/hf/style-qwen2.tokenizer.json");
        message = assertThrows(ModelFormatException.class, () -> HubVocabulary.keys(json, 100))
                .getMessage();
        assertTrue(message.contains("expected an id below 100"), message);
    }
}
