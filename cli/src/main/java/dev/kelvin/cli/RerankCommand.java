// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.Reranker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin rerank}: documents in the order in which they answer a query. */
@Command(
        name = "rerank",
        header = "Order documents by how well they answer a query.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"kelvin rerank --model=FILE --query=TEXT [--json] DOCUMENT..."},
        sortOptions = false,
        description = {
            "",
            "Prints a line for each document, the best first: its score, its number from 0 on, and the document. What "
                    + "a score means depends on the model; qwen3's are shares of 1.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin rerank --model reranker.gguf --query \"where do otters sleep\" \"Otters float.\" \"Oil floats.\"",
            "  kelvin rerank --model reranker.gguf --query otters --json - < a-document-a-line.txt"
        })
final class RerankCommand extends Subcommand {
    @Option(names = "--model", paramLabel = "FILE", description = "The reranking model.", required = true)
    private Path model;

    @Option(names = "--query", paramLabel = "TEXT", description = "The query.", required = true)
    private String query;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Parameters(
            arity = "1..*",
            paramLabel = "DOCUMENT",
            hideParamSyntax = true,
            description = "The documents; '-' reads one a line from standard input.")
    private List<String> documents = new ArrayList<>();

    @Mixin
    private final Models models = new Models();

    RerankCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        int count = threads.count();
        try (OpenModel open = Models.open(model, count, models.loading(terminal))) {
            Reranker reranker = Reranker.of(open);
            List<String> texts = texts();
            List<int[]> pairs = new ArrayList<>();
            for (String text : texts) {
                LackingCharacters.tell(open.tokenizer(), text, terminal::remark);
                pairs.add(reranker.pair(query, text));
            }
            float[] scores = reranker.scores(pairs);
            List<Integer> order = IntStream.range(0, scores.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]))
                    .toList();
            if (json) {
                writeJson(order, scores, pairs);
            } else {
                for (int i : order) {
                    terminal.line(
                            scores[i] + "\t" + i + "\t" + terminal.glyphs().escape(texts.get(i)));
                }
            }
        }
    }

    private List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>();
        for (String argument : documents) {
            texts.addAll(argument.equals("-") ? Arguments.text(argument).lines().toList() : List.of(argument));
        }
        return texts;
    }

    private void writeJson(List<Integer> order, float[] scores, List<int[]> pairs) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject()
                    .field("model", Models.name(model))
                    .field("query", query)
                    .beginArray("results");
            for (int i : order) {
                document.beginObject()
                        .field("index", i)
                        .field("score", scores[i])
                        .field("tokens", pairs.get(i).length)
                        .endObject();
            }
            document.endArray().endObject();
        }
    }
}
