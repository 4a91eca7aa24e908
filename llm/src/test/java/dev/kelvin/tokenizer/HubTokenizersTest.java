// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids and texts by Hugging Face tokenizers 0.23.2, some 350 cases a tokenizer. */
class HubTokenizersTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "minilm",
                "t5-small",
                "phi-3-mini",
                "roberta-base",
                "style-qwen2",
                "style-llama3",
                "style-o200k",
                "style-deepseek3",
                "style-gemma",
                "style-metaspace-first"
            })
    void idsAndTextsAreThoseOfHuggingFace(String name) throws IOException {
        Tokenizer tokenizer = TokenizerJson.read(SharedData.require("tokenizers/hf/" + name + ".tokenizer.json"));
        Object document =
                JsonReader.read(Files.readAllBytes(SharedData.require("tokenizers/hf/" + name + ".cases.json")));
        List<?> cases = (List<?>) ((Map<?, ?>) document).get("cases");
        assertTrue(cases.size() > 300, () -> cases.size() + " cases");
        for (Object each : cases) {
            Map<?, ?> one = (Map<?, ?>) each;
            check(tokenizer, one, name);
        }
    }

    /**
     * Tokenizers put together at random, so that each kind of stage and each of its options is met: what Hugging Face
     * tokenizers 0.23.2 makes of them.
     */
    @Test
    void randomTokenizersAreThoseOfHuggingFace() throws IOException {
        List<?> tokenizers;
        try (InputStream file = HubTokenizersTest.class.getResourceAsStream("random.json")) {
            tokenizers = (List<?>) JsonReader.read(file.readAllBytes());
        }
        for (int i = 0; i < tokenizers.size(); i++) {
            Map<?, ?> one = (Map<?, ?>) tokenizers.get(i);
            Tokenizer tokenizer =
                    TokenizerJson.of(JsonWriter.write(one.get("tokenizer")).getBytes(StandardCharsets.UTF_8));
            for (Object each : (List<?>) one.get("cases")) {
                check(tokenizer, (Map<?, ?>) each, "tokenizer " + i);
            }
        }
    }

    private static void check(Tokenizer tokenizer, Map<?, ?> one, String name) {
        String text = (String) one.get("text");
        int[] ids = tokenizer.encode(text, true);
        int[] whole = tokenizer.surround(ids);
        assertArrayEquals(ids(one.get("ids")), ids, () -> name + ": \"" + text + "\"");
        assertArrayEquals(ids(one.get("ids_special")), whole, () -> name + ": \"" + text + "\"");
        assertEquals(one.get("decoded"), tokenizer.decode(ids, true), () -> name + ": \"" + text + "\" and back");
        assertEquals(one.get("decoded_skip"), tokenizer.decode(whole), () -> name + ": \"" + text + "\" and back");
    }

    private static int[] ids(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
    }
}
