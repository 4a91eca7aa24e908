// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.RefusalCost;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Schemas of strangers: refused soon and in little memory, or compiled in a time that grows with their length. */
class HostileSchemasTest {
    enum Hostile {
        ITSELF("{\"$ref\":\"#\"}"),
        EACH_OTHER(
                "{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"$ref\":\"#/$defs/a\"}},\"$ref\":\"#/$defs/a\"}"),
        BOTH_ITSELF("{\"allOf\":[{\"$ref\":\"#\"},{\"type\":\"object\"}]}"),
        MANY_NAMES(properties(20_000, i -> "p" + i)),
        NAMES_OF_MANY_CHARACTERS(properties(6_000, i -> Character.toString(0x4e00 + i))),
        REPEATED_PATTERN("{\"type\":\"string\",\"pattern\":\"^((((a{1000}){1000}){1000}){1000})$\"}");

        private final String json;

        Hostile(String json) {
            this.json = json;
        }
    }

    private static String properties(int count, IntFunction<String> name) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + name.apply(i) + "\":{}")
                .collect(Collectors.joining(",", "{\"type\":\"object\",\"properties\":{", "}}"));
    }

    private static Grammar compiled(String json) throws GrammarException, JsonSyntaxException {
        return JsonSchema.grammar(JsonReader.read(json.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedSoon(Hostile hostile) throws IOException {
        RefusalCost.Cost cost = RefusalCost.require(
                hostile.name(), () -> assertThrows(GrammarException.class, () -> compiled(hostile.json)));
        System.out.println(hostile + ": " + cost);
    }

    @Test
    void manyTextsAreCompiledSoon() throws GrammarException {
        List<String> names = IntStream.range(0, 3000).mapToObj(i -> "p" + i).toList();
        long begin = System.nanoTime();
        Dfa texts = Dfa.ofTexts(names);
        long nanos = System.nanoTime() - begin;
        assertTrue(texts.accepts("p2999") && !texts.accepts("p") && !texts.accepts("p3000"));
        assertTrue(nanos < 2_000_000_000L, nanos + " ns");
    }
}
