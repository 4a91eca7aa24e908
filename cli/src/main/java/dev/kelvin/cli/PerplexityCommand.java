// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.Perplexity;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin perplexity}: how well a model foretells a text, and how far it is from another. */
@Command(
        name = "perplexity",
        header = "Measure how well a model foretells a text, and how far it is from another model.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin perplexity --text=FILE [--model=FILE] [--base=FILE] [--context=N]",
            "         [--windows=N] [--threads=N] [--json]"
        },
        sortOptions = false,
        description = {
            "",
            "Cuts the text into windows of tokens, each computed from an empty context, and scores the tokens of the "
                    + "second half of each: the perplexity is e to the mean of -ln p.",
            "",
            "With --base also prints the divergence of Kullback and Leibler from the base's output distribution to the "
                    + "model's, in nats a token, and how often both would pick the same token first. The base is the "
                    + "same model with other weights, before 'kelvin quantize' for instance.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin perplexity --text README.md --context 128",
            "  kelvin quantize small.gguf --type Q4_0",
            "  kelvin perplexity --model small.gguf --text README.md --context 128"
        })
final class PerplexityCommand extends Subcommand {
    /** What is done within this time shows no progress. */
    private static final long QUIET_NANOS = 500_000_000;

    @Option(names = "--model", paramLabel = "FILE", description = "The GGUF model. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Option(names = "--text", required = true, paramLabel = "FILE", description = "The text, UTF-8.")
    private Path text;

    @Option(names = "--base", paramLabel = "FILE", description = "The GGUF model to compare with.")
    private Path base;

    @Option(
            names = "--context",
            paramLabel = "N",
            converter = Arguments.PositiveCount.class,
            description = "Tokens of a window. Default: 512, or the model's context if that is shorter.")
    private Integer context;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "2147483647",
            converter = Arguments.PositiveCount.class,
            description = "Windows to score at most, from the start of the text. Default: all.")
    private int windows;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    @Mixin
    private final Models models = new Models();

    PerplexityCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        int count = threads.count();
        try (OpenModel open = Models.openWriter(model, count, models.loading(terminal));
                OpenModel other = base == null ? null : Models.openWriter(base, count, models.loading(terminal))) {
            if (other != null && other.vocabSize() != open.vocabSize()) {
                throw usage("--base: a vocabulary of " + other.vocabSize() + " tokens, but the model's has "
                        + open.vocabSize());
            }
            int longest = other == null ? open.contextLength() : Math.min(open.contextLength(), other.contextLength());
            int length = context == null ? Math.min(512, longest) : context;
            if (length > longest) {
                throw usage("--context: " + length + " tokens are more than the model's context of " + longest);
            }
            if (length < 4) {
                throw usage("--context: " + length + " tokens are too few to score half of them");
            }
            Perplexity scores = score(open, other, length);
            if (json) {
                writeJson(scores);
            } else {
                print(scores);
            }
        }
    }

    private Perplexity score(OpenModel open, OpenModel other, int length) throws IOException {
        Tokenizer tokenizer = open.tokenizer();
        String read = Arguments.textOf(text);
        LackingCharacters.tell(tokenizer, read, terminal::remark);
        int[] ids = tokenizer.encode(read);
        int step = length - (tokenizer.addsBos() ? 1 : 0);
        int count = Math.min(windows, ids.length / step);
        if (count == 0) {
            throw usage("--text: " + ids.length + " tokens do not fill one window of " + step + "; see --context");
        }
        return Perplexity.measure(
                open,
                other,
                new Perplexity.Windows(ids, length, count),
                new ProgressBar(terminal, "scoring", ProgressBar.InFiles.TENTHS, QUIET_NANOS));
    }

    private void print(Perplexity scores) {
        TextTable table = new TextTable("lrl")
                .row("tokens scored", Numbers.grouped(scores.losses().length), "in windows: " + scores.windows());
        table.row(perplexity("perplexity", scores.losses()));
        if (scores.divergences() != null) {
            double[] divergences = scores.divergences();
            table.row(perplexity("perplexity of the base", scores.baseLosses()));
            table.row(
                    "divergence, nats",
                    nats(Perplexity.mean(divergences)),
                    "± " + nats(Perplexity.standardError(divergences)));
            table.row("  median", nats(Perplexity.quantile(divergences, 0.5)), "");
            table.row("  of 99 in a hundred at most", nats(Perplexity.quantile(divergences, 0.99)), "");
            table.row("  largest", nats(Perplexity.quantile(divergences, 1)), "");
            table.row("same first token", Numbers.fixed(100 * scores.sameFirst(), 2) + "%", "");
        }
        table.print(terminal);
    }

    private static String[] perplexity(String what, double[] losses) {
        double perplexity = Math.exp(Perplexity.mean(losses));
        return new String[] {
            what, Numbers.fixed(perplexity, 4), "± " + Numbers.fixed(perplexity * Perplexity.standardError(losses), 4)
        };
    }

    private static String nats(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private void writeJson(Perplexity scores) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject()
                    .field("model", Models.name(model))
                    .field("tokens", scores.losses().length)
                    .field("windows", scores.windows())
                    .field("perplexity", Math.exp(Perplexity.mean(scores.losses())));
            if (scores.divergences() != null) {
                document.field("base", base.toString())
                        .field("basePerplexity", Math.exp(Perplexity.mean(scores.baseLosses())))
                        .field("divergence", Perplexity.mean(scores.divergences()))
                        .field("divergenceStandardError", Perplexity.standardError(scores.divergences()))
                        .field("divergenceMedian", Perplexity.quantile(scores.divergences(), 0.5))
                        .field("divergence99", Perplexity.quantile(scores.divergences(), 0.99))
                        .field("divergenceMax", Perplexity.quantile(scores.divergences(), 1))
                        .field("sameFirst", scores.sameFirst());
            }
            document.endObject();
        }
    }
}
