// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.GgufFile;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin tokenize}: text to token ids, and back. */
@Command(
        name = "tokenize",
        header = "Turn text into token ids, or ids into text.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin tokenize [--model=FILE] [--bos] [--parse-special] TEXT",
            "  or:  kelvin tokenize [--model=FILE] --ids=ID,ID,..."
        },
        sortOptions = false,
        description = {
            "",
            "Prints the ids of TEXT on one line, separated by spaces, without the begin-of-sequence token unless "
                    + "--bos is given. With --ids prints the text of these ids; a file or pipe gets exactly that text.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin tokenize \"Once upon a time\"",
            "  kelvin tokenize --ids 403,407,261,378",
            "  echo \"Once upon a time\" | kelvin tokenize -"
        })
final class TokenizeCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file with a vocabulary. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Option(
            names = "--ids",
            split = "[,\\s]+",
            paramLabel = "ID,ID,...",
            hideParamSyntax = true,
            converter = Arguments.Count.class,
            description = "Token ids, separated by commas or spaces.")
    private int[] ids;

    @Option(names = "--bos", description = "Put the begin-of-sequence token first, as generate does.")
    private boolean bos;

    @Option(
            names = "--parse-special",
            description = "Read text that spells a control token, such as <|im_end|>, as that token.")
    private boolean parseSpecial;

    @Parameters(
            arity = "0..*",
            paramLabel = "TEXT",
            hideParamSyntax = true,
            description = "The text; '-' reads it from standard input.")
    private List<String> words;

    TokenizeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        if ((words == null) == (ids == null)) {
            throw usage("give either TEXT or --ids");
        }
        if (ids != null && (bos || parseSpecial)) {
            throw usage((bos ? "--bos" : "--parse-special") + " needs TEXT");
        }
        try (GgufFile file = OpenModel.file(model)) {
            Tokenizer tokenizer = Tokenizers.of(file, terminal::remark);
            if (ids != null) {
                OpenModel.checkIds(this, ids, tokenizer.vocabSize());
                terminal.modelText(tokenizer.decode(ids));
                terminal.endModelText();
            } else {
                printIds(tokenizer, Arguments.promptOf(this, null, words));
            }
        }
    }

    private void printIds(Tokenizer tokenizer, String text) throws IOException {
        LackingCharacters.tell(tokenizer, text, terminal::remark);
        StringBuilder line = new StringBuilder();
        if (bos) {
            if (tokenizer.bosId() < 0) {
                throw usage("--bos: this vocabulary has no begin-of-sequence token");
            }
            line.append(tokenizer.bosId());
        }
        for (int id : tokenizer.encode(text, parseSpecial)) {
            line.append(line.isEmpty() ? "" : " ").append(id);
        }
        terminal.line(line.toString());
    }
}
