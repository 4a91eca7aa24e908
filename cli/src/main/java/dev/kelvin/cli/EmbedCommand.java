// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.Embedder;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin embed}: vectors of texts. */
@Command(
        name = "embed",
        header = "Turn texts into vectors of length 1.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin embed --model=FILE [--pooling=mean|cls|last] [--json] TEXT...",
            "  or:  kelvin embed --model=FILE --ids=ID,ID,... [...]"
        },
        sortOptions = false,
        description = {
            "",
            "Prints a line of numbers for each text. Texts whose vectors point the same way mean much the same: the sum "
                    + "of the products of their numbers is their similarity, between -1 and 1. Ids are computed as "
                    + "they are.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin embed --model minilm.gguf \"a small dog\" \"a puppy\"",
            "  kelvin embed --model minilm.gguf --json - < a-text-a-line.txt"
        })
final class EmbedCommand extends Subcommand {
    @Option(names = "--model", paramLabel = "FILE", description = "The embedding model.", required = true)
    private Path model;

    @Option(
            names = "--pooling",
            paramLabel = "P",
            description = "How a text's rows become one: mean, cls (the first) or last. Default: what the file says.")
    private String pooling;

    @Mixin
    private final IdsOption given = new IdsOption();

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Parameters(
            arity = "0..*",
            paramLabel = "TEXT",
            hideParamSyntax = true,
            description = "The texts; '-' reads one a line from standard input.")
    private List<String> texts = new ArrayList<>();

    @Mixin
    private final Models models = new Models();

    EmbedCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        if (texts.isEmpty() == (given.ids() == null)) {
            throw usage("give either TEXT or --ids");
        }
        int count = threads.count();
        try (OpenModel open = Models.open(model, count, models.loading(terminal))) {
            Pooling pooled = pooling(open);
            List<int[]> encoded = encoded(open);
            HeapTensor vectors = new Embedder(open.model(), pooled).embed(encoded);
            if (json) {
                writeJson(pooled, encoded, vectors);
            } else {
                print(vectors);
            }
        }
    }

    private Pooling pooling(OpenModel open) {
        if (pooling == null) {
            Pooling ofFile = open.model().plan().pooling();
            if (ofFile == Pooling.NONE || ofFile == Pooling.RANK) {
                throw usage("the model's file names no pooling; give --pooling mean, cls or last");
            }
            return ofFile;
        }
        return switch (pooling) {
            case "mean" -> Pooling.MEAN;
            case "cls" -> Pooling.CLS;
            case "last" -> Pooling.LAST;
            default -> throw usage("--pooling: " + pooling + " is none of mean, cls and last");
        };
    }

    private List<int[]> encoded(OpenModel open) throws IOException {
        if (given.ids() != null) {
            Models.checkIds(this, given.ids(), open.vocabSize());
            return List.of(given.ids());
        }
        List<int[]> encoded = new ArrayList<>();
        Tokenizer tokenizer = open.tokenizer();
        for (String argument : texts) {
            List<String> lines =
                    argument.equals("-") ? Arguments.text(argument).lines().toList() : List.of(argument);
            for (String line : lines) {
                LackingCharacters.tell(tokenizer, line, terminal::remark);
                encoded.add(tokenizer.surround(tokenizer.encode(line)));
            }
        }
        return encoded;
    }

    private void print(HeapTensor vectors) {
        for (int row = 0; row < vectors.rows(); row++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < vectors.columns(); i++) {
                line.append(i == 0 ? "" : " ").append(vectors.data()[vectors.offset() + row * vectors.columns() + i]);
            }
            terminal.line(line.toString());
        }
    }

    private void writeJson(Pooling pooled, List<int[]> encoded, HeapTensor vectors) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject()
                    .field("model", Models.name(model))
                    .field("pooling", pooled.name().toLowerCase(Locale.ROOT))
                    .field("dim", vectors.columns())
                    .beginArray("embeddings");
            for (int row = 0; row < vectors.rows(); row++) {
                int begin = vectors.offset() + row * vectors.columns();
                document.beginObject()
                        .field("index", row)
                        .field("tokens", encoded.get(row).length)
                        .field("embedding", vectors.data(), begin, begin + vectors.columns())
                        .endObject();
            }
            document.endArray().endObject();
        }
    }
}
