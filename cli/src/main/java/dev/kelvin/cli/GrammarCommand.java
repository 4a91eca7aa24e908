// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.constraint.Gbnf;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.JsonSchema;
import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kelvin grammar}: whether a text keeps a grammar. */
@Command(
        name = "grammar",
        header = "Tell whether a text keeps a JSON Schema or a grammar, and where it breaks it.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin grammar (--schema=FILE | --grammar=FILE) [--text=TEXT]",
            "  or:  kelvin grammar --cases=FILE"
        },
        sortOptions = false,
        description = {
            "",
            "A schema or grammar that is malformed, that asks for what cannot be kept, or that nothing satisfies is refused. "
                    + "Without --text that is all that is checked. A text that is refused makes the exit code 1.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin grammar --schema person.json --text '{\"name\": \"Ada\"}'",
            "  kelvin grammar --grammar list.gbnf --text - < answer.txt"
        })
final class GrammarCommand extends Subcommand {
    @Option(names = "--schema", paramLabel = "FILE", description = "A JSON Schema, draft 2020-12.")
    private Path schema;

    @Option(names = "--grammar", paramLabel = "FILE", description = "A grammar in llama.cpp's notation, GBNF.")
    private Path grammar;

    @Option(names = "--text", paramLabel = "TEXT", description = "The text; '-' reads it from standard input.")
    private String text;

    @Option(
            names = "--cases",
            paramLabel = "FILE",
            description = "JSON: schemas or grammars with what they accept. Tells each difference, and how many there "
                    + "are.")
    private Path cases;

    GrammarCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException, GrammarException {
        if ((schema != null ? 1 : 0) + (grammar != null ? 1 : 0) + (cases != null ? 1 : 0) != 1) {
            throw usage("give one of --schema, --grammar and --cases");
        }
        if (cases != null) {
            new GrammarCases(terminal).run(cases);
            return;
        }
        Grammar read = read(schema, grammar);
        if (text == null) {
            terminal.line("sound");
            return;
        }
        String checked = Arguments.text(text);
        Grammar.Verdict verdict = read.check(checked);
        if (!verdict.accepted()) {
            throw new IllegalArgumentException(place(checked, verdict.byteOffset()));
        }
        terminal.line("accepted");
    }

    /** The grammar of one of two files, the other of which is null. */
    static Grammar read(Path schema, Path grammar) throws IOException, GrammarException {
        return schema != null
                ? JsonSchema.grammar(JsonReader.read(Files.readAllBytes(schema)))
                : Gbnf.parse(Arguments.textOf(grammar));
    }

    private static String place(String text, int byteOffset) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        String before = new String(bytes, 0, byteOffset, StandardCharsets.UTF_8);
        if (byteOffset == bytes.length) {
            return "the text is cut short: all of its " + byteOffset + " bytes begin one that is accepted";
        }
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        int column = before.length() - before.lastIndexOf('\n');
        String found = text.substring(Math.min(before.length(), text.length() - 1));
        return "the text breaks the grammar at byte " + byteOffset + " (line " + line + ", column " + column + "), at '"
                + Character.toString(found.codePointAt(0)) + "'";
    }
}
