// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin tokenize}: text to token ids, and back. */
@Command(
        name = "tokenize",
        header = "Turn text into token ids, or ids into text.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin tokenize [--model=FILE | --tokenizer=FILE] [--bos]",
            "         [--parse-special] [--count | --pieces] TEXT",
            "  or:  kelvin tokenize [--model=FILE | --tokenizer=FILE] --ids=ID,ID,...",
            "  or:  kelvin tokenize [--model=FILE | --tokenizer=FILE] --cases=FILE"
        },
        sortOptions = false,
        description = {
            "",
            "Prints the ids of TEXT on one line, separated by spaces, without the begin-of-sequence token unless "
                    + "--bos is given. With --ids prints the text of these ids; a file or pipe gets exactly that text. "
                    + "With --cases compares the tokenizer with cases of which ids and texts are known, and ends with "
                    + "a line 'N passed, M failed'.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin tokenize \"Once upon a time\"",
            "  kelvin tokenize --ids 403,407,261,378",
            "  kelvin tokenize --tokenizer tokenizer.json --pieces \"Once upon a time\"",
            "  echo \"Once upon a time\" | kelvin tokenize -"
        })
final class TokenizeCommand extends Subcommand {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "A GGUF file with a vocabulary. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "A tokenizer.json of the Hugging Face hub, instead of a model.")
    private Path tokenizerFile;

    @Mixin
    private final IdsOption given = new IdsOption();

    @Option(names = "--bos", description = "Put the begin-of-sequence token first, as generate does.")
    private boolean bos;

    @Option(
            names = "--parse-special",
            description = "Read text that spells a control token, such as <|im_end|>, as that token.")
    private boolean parseSpecial;

    @Option(names = "--count", description = "Print the number of tokens only.")
    private boolean count;

    @Option(names = "--pieces", description = "Print a line for each token: its id and its spelling in the vocabulary.")
    private boolean pieces;

    @Option(
            names = "--cases",
            paramLabel = "FILE",
            description = "A JSON list of cases: objects with text, ids, ids_special, decoded, decoded_skip.")
    private Path cases;

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
        if ((words == null ? 0 : 1) + (given.ids() == null ? 0 : 1) + (cases == null ? 0 : 1) != 1) {
            throw usage("give one of TEXT, --ids and --cases");
        }
        if (words == null && (bos || parseSpecial || count || pieces)) {
            throw usage((bos ? "--bos" : parseSpecial ? "--parse-special" : count ? "--count" : "--pieces")
                    + " needs TEXT");
        }
        if (model != null && tokenizerFile != null) {
            throw usage("give either --model or --tokenizer");
        }
        Tokenizer tokenizer = tokenizer();
        if (cases != null) {
            new TokenizerCases(terminal, tokenizer).run(cases);
        } else if (given.ids() != null) {
            Models.checkIds(this, given.ids(), tokenizer.vocabSize());
            terminal.modelText(tokenizer.decode(given.ids()));
            terminal.endModelText();
        } else {
            print(tokenizer, ids(tokenizer));
        }
    }

    private Tokenizer tokenizer() throws IOException {
        if (tokenizerFile != null) {
            return TokenizerJson.read(tokenizerFile);
        }
        try (ModelFile file = Models.file(model)) {
            return Tokenizers.of(file, LoadOptions.telling(ProgressBar.ofLoading(terminal)));
        }
    }

    private int[] ids(Tokenizer tokenizer) throws IOException {
        String text = Arguments.promptOf(this, null, words);
        LackingCharacters.tell(tokenizer, text, terminal::remark);
        int[] encoded = tokenizer.encode(text, parseSpecial);
        if (!bos) {
            return encoded;
        }
        if (tokenizer.bosId() < 0) {
            throw usage("--bos: this vocabulary has no begin-of-sequence token");
        }
        int[] begun = new int[encoded.length + 1];
        begun[0] = tokenizer.bosId();
        System.arraycopy(encoded, 0, begun, 1, encoded.length);
        return begun;
    }

    private void print(Tokenizer tokenizer, int[] encoded) {
        if (count) {
            terminal.line(Integer.toString(encoded.length));
        } else if (pieces) {
            Glyphs glyphs = terminal.glyphs();
            for (int id : encoded) {
                terminal.line(id + "\t" + glyphs.escape(tokenizer.piece(id)));
            }
        } else {
            StringBuilder line = new StringBuilder();
            for (int id : encoded) {
                line.append(line.isEmpty() ? "" : " ").append(id);
            }
            terminal.line(line.toString());
        }
    }
}
