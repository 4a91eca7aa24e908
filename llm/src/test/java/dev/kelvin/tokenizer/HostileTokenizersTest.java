// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.RefusalCost;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tokenizers of small vocabularies and large pretensions: refused soon and in little memory. */
class HostileTokenizersTest {
    private static final String PAIRS = "\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[]}";

    enum Hostile {
        NEST("{\"model\":" + "[".repeat(1_000_000)),
        NUMBER("{\"model\":" + "1".repeat(1_000_000)),
        FAR_ID("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":2147483647},\"merges\":[]}}"),
        MERGE_OF_ONE("{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0},\"merges\":[" + "\"a a\",".repeat(50_000)
                + "\"a\"]}}"),
        NO_SCORE("{\"model\":{\"type\":\"Unigram\",\"vocab\":[" + "[\"a\",0],".repeat(50_000) + "[\"b\"]]}}"),
        PATTERN_OF_GROUPS(pattern("(".repeat(60_000))),
        PATTERN_OF_COUNTS(pattern("((((a{1000}){1000}){1000}){1000}){1000}")),
        PATTERN_OF_CHOICES(pattern("a|".repeat(30_000))),
        PATTERN_OF_CLASSES(pattern("[\\\\p{L}\\\\p{N}]{0,100000}".repeat(1_000))),
        LONG_PATTERN(pattern("a|".repeat(2_000_000))),
        PATTERN_OF_LOOKS(pattern("(?=a".repeat(15_000))),
        CHARSMAP("{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + "/////////w==" + "\"},"
                + PAIRS + "}"),
        CHARSMAP_THAT_IS_NO_BASE64("{\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\""
                + "A".repeat(4_000_000) + "!\"}," + PAIRS + "}"),
        STAGES("{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[" + "{\"type\":\"NFC\"},".repeat(50_000)
                + "{\"type\":\"none\"}]}," + PAIRS + "}"),
        DECODERS("{\"decoder\":{\"type\":\"Sequence\",\"decoders\":[" + "{\"type\":\"Fuse\"},".repeat(50_000)
                + "{\"type\":\"none\"}]}," + PAIRS + "}"),
        AROUND("{\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":["
                + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}},".repeat(50_000) + "{}]}," + PAIRS + "}");

        private final String json;

        Hostile(String json) {
            this.json = json;
        }

        private static String pattern(String regex) {
            return "{\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\"" + regex
                    + "\"},\"behavior\":\"Isolated\",\"invert\":false}," + PAIRS + "}";
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedSoon(Hostile hostile) throws IOException {
        byte[] json = hostile.json.getBytes(StandardCharsets.UTF_8);
        RefusalCost.Cost cost = RefusalCost.require(hostile.name(), () -> {
            Exception refusal = assertThrows(Exception.class, () -> TokenizerJson.of(json));
            assertTrue(
                    refusal instanceof TokenizerFormatException || refusal instanceof JsonSyntaxException,
                    refusal::toString);
        });
        System.out.println(hostile + ": " + cost);
    }
}
