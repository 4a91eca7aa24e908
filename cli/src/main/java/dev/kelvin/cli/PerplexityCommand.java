// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.Command;
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

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Arguments.Threads.class,
            description = "Threads to compute on. Default: all processors.")
    private Integer threads;

    @Option(names = "--json", description = "Write JSON.")
    private boolean json;

    PerplexityCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        try (OpenModel open = OpenModel.of(model, count, ProgressBar.ofLoading(terminal));
                OpenModel other = base == null ? null : OpenModel.of(base, count, ProgressBar.ofLoading(terminal))) {
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
            Scores scores = score(open, other, length);
            if (json) {
                writeJson(scores);
            } else {
                print(scores);
            }
        }
    }

    /** One number for each scored token; the last two are null without a base. */
    private record Scores(int windows, double[] losses, double[] baseLosses, double[] divergences, double sameFirst) {}

    private Scores score(OpenModel open, OpenModel other, int length) throws IOException {
        Tokenizer tokenizer = open.tokenizer();
        String read = Arguments.textOf(text);
        LackingCharacters.tell(tokenizer, read, terminal::remark);
        int[] ids = tokenizer.encode(read);
        int bos = tokenizer.addsBos() ? 1 : 0;
        int step = length - bos;
        int count = Math.min(windows, ids.length / step);
        if (count == 0) {
            throw usage("--text: " + ids.length + " tokens do not fill one window of " + step + "; see --context");
        }
        int begin = length / 2;
        int scored = length - 1 - begin;
        double[] losses = new double[count * scored];
        double[] baseLosses = other == null ? null : new double[count * scored];
        double[] divergences = other == null ? null : new double[count * scored];
        int[] same = new int[1];
        HeapTensor wanted = HeapTensor.zeros(other == null ? 1 : scored, open.vocabSize());
        ProgressBar progress = new ProgressBar(terminal, "scoring", ProgressBar.InFiles.TENTHS, QUIET_NANOS);
        for (int window = 0; window < count; window++) {
            int[] sequence = new int[length];
            sequence[0] = tokenizer.bosId();
            System.arraycopy(ids, window * step, sequence, bos, step);
            int first = window * scored;
            if (other != null) {
                other.eachPosition(sequence, (position, logits) -> {
                    if (position >= begin && position < length - 1) {
                        System.arraycopy(
                                logits.data(),
                                logits.offset(),
                                wanted.data(),
                                (position - begin) * logits.columns(),
                                logits.columns());
                    }
                });
            }
            open.eachPosition(sequence, (position, logits) -> {
                if (position >= begin && position < length - 1) {
                    int at = first + position - begin;
                    OutputDistribution actual = OutputDistribution.of(open.compute(), logits);
                    losses[at] = -actual.logProb(sequence[position + 1]);
                    if (other != null) {
                        OutputDistribution expected = OutputDistribution.of(
                                other.compute(), wanted.rowRange(position - begin, position - begin + 1));
                        baseLosses[at] = -expected.logProb(sequence[position + 1]);
                        divergences[at] = expected.divergence(actual);
                        same[0] += expected.first() == actual.first() ? 1 : 0;
                    }
                }
            });
            progress.at(window + 1, count);
        }
        return new Scores(count, losses, baseLosses, divergences, (double) same[0] / losses.length);
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    /** Of the mean, as if the tokens were independent. */
    private static double standardError(double[] values) {
        double mean = mean(values);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / values.length / Math.max(1, values.length - 1));
    }

    /** The smallest value that a share of all does not exceed. */
    private static double quantile(double[] values, double share) {
        double[] ascending = values.clone();
        Arrays.sort(ascending);
        return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
    }

    private void print(Scores scores) {
        TextTable table = new TextTable("lrl")
                .row("tokens scored", Numbers.grouped(scores.losses().length), "in windows: " + scores.windows());
        table.row(perplexity("perplexity", scores.losses()));
        if (scores.divergences() != null) {
            double[] divergences = scores.divergences();
            table.row(perplexity("perplexity of the base", scores.baseLosses()));
            table.row("divergence, nats", nats(mean(divergences)), "± " + nats(standardError(divergences)));
            table.row("  median", nats(quantile(divergences, 0.5)), "");
            table.row("  of 99 in a hundred at most", nats(quantile(divergences, 0.99)), "");
            table.row("  largest", nats(quantile(divergences, 1)), "");
            table.row("same first token", Numbers.fixed(100 * scores.sameFirst(), 2) + "%", "");
        }
        table.print(terminal);
    }

    private static String[] perplexity(String what, double[] losses) {
        double perplexity = Math.exp(mean(losses));
        return new String[] {
            what, Numbers.fixed(perplexity, 4), "± " + Numbers.fixed(perplexity * standardError(losses), 4)
        };
    }

    private static String nats(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private void writeJson(Scores scores) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject()
                    .field("model", OpenModel.name(model))
                    .field("tokens", scores.losses().length)
                    .field("windows", scores.windows())
                    .field("perplexity", Math.exp(mean(scores.losses())));
            if (scores.divergences() != null) {
                document.field("base", base.toString())
                        .field("basePerplexity", Math.exp(mean(scores.baseLosses())))
                        .field("divergence", mean(scores.divergences()))
                        .field("divergenceStandardError", standardError(scores.divergences()))
                        .field("divergenceMedian", quantile(scores.divergences(), 0.5))
                        .field("divergence99", quantile(scores.divergences(), 0.99))
                        .field("divergenceMax", quantile(scores.divergences(), 1))
                        .field("sameFirst", scores.sameFirst());
            }
            document.endObject();
        }
    }
}
