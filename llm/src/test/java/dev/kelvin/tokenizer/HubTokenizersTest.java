// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
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
            String text = (String) one.get("text");
            int[] ids = tokenizer.encode(text, true);
            assertArrayEquals(ids(one.get("ids")), ids, () -> "\"" + text + "\"");
            assertArrayEquals(ids(one.get("ids_special")), tokenizer.surround(ids), () -> "\"" + text + "\"");
            assertEquals(one.get("decoded"), tokenizer.decode(ids, true), () -> "\"" + text + "\" and back");
            assertEquals(one.get("decoded_skip"), tokenizer.decode(ids), () -> "\"" + text + "\" and back");
        }
    }

    private static int[] ids(Object list) {
        return ((List<?>) list).stream().mapToInt(id -> ((Long) id).intValue()).toArray();
    }
}
