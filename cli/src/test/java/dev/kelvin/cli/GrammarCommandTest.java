// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrammarCommandTest {
    @TempDir
    Path folder;

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "given", ""), text)
                .toString();
    }

    @Test
    void tellsWhetherAndWhereATextBreaksAGrammar() throws IOException {
        String grammar = file("root ::= \"é\" [a-z]+\n");
        assertEquals(
                "accepted\n",
                Outcome.of("grammar", "--grammar", grammar, "--text", "éab").result());
        assertEquals("sound\n", Outcome.of("grammar", "--grammar", grammar).result());
        assertEquals(
                "kelvin: the text breaks the grammar at byte 3 (line 1, column 3), at 'X'\n",
                Outcome.of("grammar", "--grammar", grammar, "--text", "éaX").err());
        assertTrue(
                Outcome.of("grammar", "--grammar", grammar, "--text", "é").err().contains("cut short"));
    }

    @Test
    void whatCannotBeKeptIsRefused() throws IOException {
        Outcome outcome = Outcome.of("grammar", "--schema", file("{\"items\": {\"if\": {}}}"));
        assertEquals(Main.FAILURE, outcome.exitCode());
        assertEquals("kelvin: schema: #/items: the keyword 'if' is not supported\n", outcome.err());
    }

    @Test
    void comparesCases() throws IOException {
        String cases = file("[{\"name\": \"n\", \"schema\": {\"properties\": {\"b\": {}, \"a\": {\"type\": \"null\"}}},"
                + " \"valid\": [{\"a\": null, \"b\": 1}, 3], \"invalid\": [{\"a\": 1}, null]}]");
        Outcome outcome = Outcome.of("grammar", "--cases", cases);
        assertEquals(Main.FAILURE, outcome.exitCode());
        assertEquals("FAILED n: accepted null\n3 passed, 1 failed\n", outcome.out());
    }
}
