// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void valuesArePlainJava() throws JsonSyntaxException {
        Object value = JsonReader.read(" {\"b\": [1, -0.0, true, null, {}], \"a\": \"x\\u00e9\\n\"}\n");
        assertEquals(Map.of("b", Arrays.asList(1L, -0.0, true, null, Map.of()), "a", "xé\n"), value);
        assertEquals(List.of("b", "a"), List.copyOf(((Map<?, ?>) value).keySet()), "the order of the text");
    }

    @Test
    void numbersAreExact() throws JsonSyntaxException {
        assertEquals(Long.MIN_VALUE, JsonReader.read("-9223372036854775808"));
        assertEquals(new BigInteger("9223372036854775808"), JsonReader.read("9223372036854775808"));
        assertEquals(0L, JsonReader.read("-0"));
        assertEquals(new BigDecimal("1.0"), JsonReader.read("1.0"));
        assertEquals(new BigDecimal("1e400"), JsonReader.read("1E+400"));
        assertEquals(new BigDecimal("0.1"), JsonReader.read("0.1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "truE",
                "01",
                "1.",
                ".5",
                "+1",
                "1e",
                "1e+",
                "-",
                "--1",
                "NaN",
                "Infinity",
                "0x1",
                "[1,]",
                "[,1]",
                "[1 2]",
                "[",
                "]",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "{1:1}",
                "\"",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u12",
                "\"\t\"",
                "\"\n\"",
                "1 2",
                "[1]x",
                "// x\n1",
                "{\"a\":1,\"a\":1}",
                "1e99999999999",
                "\"\\",
                "\u00a01",
                "\"\\u１２３４\""
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThrows(JsonSyntaxException.class, () -> JsonReader.read(text));
        assertThrows(JsonSyntaxException.class, () -> JsonReader.read(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anErrorTellsThePlace() {
        JsonSyntaxException error =
                assertThrows(JsonSyntaxException.class, () -> JsonReader.read("{\n  \"a\": 1,\n  b: 2}"));
        assertEquals("line 3, column 3: expected a name in quotes, found \"b\"", error.getMessage());
        assertEquals(14, error.offset());
        error = assertThrows(JsonSyntaxException.class, () -> JsonReader.read("[\n"));
        assertEquals("line 2, column 1: expected a value, found the end of the text", error.getMessage());
    }

    @Test
    void depthAndLengthOfNumbersAreBounded() throws JsonSyntaxException {
        int depth = JsonReader.MAX_DEPTH;
        JsonReader.read("[".repeat(depth) + "]".repeat(depth));
        String deeper = "[".repeat(1_000_000);
        assertTrue(assertThrows(JsonSyntaxException.class, () -> JsonReader.read(deeper))
                .getMessage()
                .contains("nested deeper than " + depth));
        String longer = "1".repeat(1_000_000);
        assertTrue(assertThrows(JsonSyntaxException.class, () -> JsonReader.read(longer))
                .getMessage()
                .contains("longer than"));
    }

    @Test
    void bytesAreUtf8() throws JsonSyntaxException {
        assertEquals("ü😀", JsonReader.read("\uFEFF\"ü😀\"".getBytes(StandardCharsets.UTF_8)));
        byte[] latin = "\"\n ü\"".getBytes(StandardCharsets.ISO_8859_1);
        latin[1] = ' ';
        assertEquals(
                "line 1, column 4: not UTF-8",
                assertThrows(JsonSyntaxException.class, () -> JsonReader.read(latin))
                        .getMessage());
        byte[] surrogate = {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'};
        assertThrows(JsonSyntaxException.class, () -> JsonReader.read(surrogate));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"b\":[1,-0.0,true,null,{},[]],\"a\":\"x\\n\\u0001\\\"\\\\é😀\"}",
                "1.50",
                "1E+400",
                "123456789012345678901234567890",
                "\"\\ud83d\"",
                "\"\\ude00\\ud83d\""
            })
    void whatWasReadIsWrittenAsItWas(String text) throws JsonSyntaxException {
        assertEquals(text, JsonWriter.write(JsonReader.read(text)));
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0.1", "1E300, 1.0E300"})
    void floatsAreWrittenShortest(double value, String text) {
        assertEquals(text, JsonWriter.write(value));
    }

    @Test
    void linesAreMovedIn() throws JsonSyntaxException {
        Object value = JsonReader.read("{\"a\":[1,{}],\"b\":[]}");
        assertEquals("{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}", JsonWriter.write(value, 2));
    }

    @Test
    void asciiEscapesTheRest() {
        StringBuilder out = new StringBuilder();
        JsonWriter.quote("aé😀\u007f", true, out);
        assertEquals("\"a\\u00e9\\ud83d\\ude00\\u007f\"", out.toString());
    }

    @Test
    void whatHasNoFormIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> JsonWriter.write(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> JsonWriter.write(Map.of(1, 2)));
        assertThrows(IllegalArgumentException.class, () -> JsonWriter.write(new Object()));
    }
}
