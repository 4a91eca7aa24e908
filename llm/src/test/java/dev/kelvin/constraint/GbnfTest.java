// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GbnfTest {
    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> cases(String key) throws IOException {
        Map<String, Object> file =
                (Map<String, Object>) JsonReader.read(Files.readAllBytes(SharedData.require("grammar/gbnf.json")));
        return (List<Map<String, Object>>) file.get(key);
    }

    @Test
    @SuppressWarnings("unchecked")
    void eachTextIsAcceptedOrNotAsLlamaCppDoes() throws IOException, GrammarException {
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> each : cases("grammars")) {
            Grammar grammar = Gbnf.parse((String) each.get("grammar"));
            for (boolean accepted : new boolean[] {true, false}) {
                for (String text : (List<String>) each.get(accepted ? "accepted" : "rejected")) {
                    if (grammar.check(text).accepted() != accepted) {
                        wrong.add(each.get("name") + ": " + text + " is " + (accepted ? "refused" : "accepted"));
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void whatIsMalformedIsRefused() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> each : cases("malformed")) {
            if (each.get("expect").equals("refuse")) {
                String source = (String) each.get("grammar");
                try {
                    Gbnf.parse(source);
                    wrong.add(each.get("name") + ": " + source);
                } catch (GrammarException e) {
                    assertTrue(e.getMessage().startsWith("grammar: "), e.getMessage());
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= \"a\" # one\rx ::= \"b\" # two\r",
                "root ::= \"a\"\r\n# two\r\nx ::= \"b\"",
                "root::=(\n\"a\"{\n1\n,\n1\n}\n)",
                "x ::= \"b\"\nroot ::= x\nroot ::= \"a\"",
                "root ::= \"a\"?{1}",
                "\n\n  root ::= [\\]\\x61-\\u0062\\U00000063]",
            })
    void blanksAndCommentsStandWhereLlamaCppHasThem(String source) throws GrammarException {
        assertTrue(Gbnf.parse(source).check("a").accepted(), source);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= \"a\"{\n1}",
                "root ::= \"a\"{1\n}",
                "root ::= \"a\"\n{1}",
                "root ::= \"a\"\n\"b\"",
                "root\n::= \"a\"",
                "root :: = \"a\"",
                "root ::= [a-",
                "root ::= [\\-]",
                "root ::= <think> \"a\"",
                "root ::= !<[3]>",
            })
    void whatLlamaCppRefusesOrIsNoTextIsRefused(String source) {
        assertThrows(GrammarException.class, () -> Gbnf.parse(source));
    }

    @Test
    void anErrorTellsThePlace() {
        assertEquals(
                "grammar: line 2, column 6: expected '::=', found 'y'",
                assertThrows(GrammarException.class, () -> Gbnf.parse("root ::= \"a\"\nx    y"))
                        .getMessage());
    }

    @Test
    void aVerdictTellsHowFarATextIsRight() throws GrammarException {
        Grammar grammar = Gbnf.parse("root ::= \"ä\" [0-9]+");
        assertEquals(new Grammar.Verdict(false, 3), grammar.check("ä1x"), "two bytes and one");
        assertEquals(new Grammar.Verdict(false, 2), grammar.check("ä"), "cut short");
        assertEquals(new Grammar.Verdict(true, 4), grammar.check("ä12"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= a | b\na ::= \"x\" a | \"x\"\nb ::= \"x\" b | \"x\"",
                "root ::= \"x\" | \"x\" root | \"xx\" root | \"xxx\" root",
                "root ::= (\"x\"? \"x\"?)*",
                "root ::= (\"x\" | \"xx\"){0,100000}",
                "root ::= ((\"x\"*)*)*",
                "root ::= s*\ns ::= t*\nt ::= \"x\"*",
                "root ::= \"x\" root \"\" | \"xx\" root \"\" | \"x\""
            })
    void ambiguityTakesNoExponentialTime(String source) throws GrammarException {
        Grammar grammar = Gbnf.parse(source);
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertTrue(grammar.check("x".repeat(500)).accepted(), source));
    }

    @Test
    void hostileSizesEndInAnError() {
        assertThrows(GrammarException.class, () -> Gbnf.parse("root ::= " + "(".repeat(20_000) + "\"a\""));
        StringBuilder chain = new StringBuilder("root ::= r0\n");
        for (int i = 0; i < 10_000; i++) {
            chain.append("r").append(i).append(" ::= r").append(i + 1).append('\n');
        }
        chain.append("r10000 ::= \"a\"\n");
        assertThrows(GrammarException.class, () -> Gbnf.parse(chain.toString()));
    }

    @Test
    void countsNeedNotBeSmall() throws GrammarException {
        Grammar grammar = Gbnf.parse("root ::= ((\"a\"{30}){30}){30} [b-z]{3,500000}");
        assertTrue(grammar.check("a".repeat(27_000) + "xyz").accepted());
        assertEquals(27_000, grammar.check("a".repeat(27_001)).byteOffset());
    }

    @Test
    void nothingIsBegunThatCannotBeEnded() throws GrammarException {
        Grammar grammar = Gbnf.parse("root ::= \"a\" [] | \"b\"");
        assertEquals(new Grammar.Verdict(false, 0), grammar.check("a"));
        assertEquals(
                "grammar: nothing satisfies it",
                assertThrows(GrammarException.class, () -> Gbnf.parse("root ::= \"a\" root"))
                        .getMessage());
    }
}
