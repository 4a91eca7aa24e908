// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.ModelFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin bench}: a model's speed beside what the machine can do at most. */
@Command(
        name = "bench",
        header = "Measure a model's speed beside the machine's ceilings.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {"kelvin bench [--model=FILE] [OPTION]..."},
        sortOptions = false,
        description = {
            "",
            "Computes a prompt of random tokens and then generates, each several times, and prints tokens per second: "
                    + "the median, and the lowest and highest. The first prompt, during which the JVM still compiles, "
                    + "stands apart; after the first number of threads it is warm. Sequences that are generated "
                    + "together share each reading of the weights; their tokens are added up.",
            "",
            "Generation reads every weight once a token, hence its percentage of the bandwidth of reading memory; a "
                    + "prompt multiplies, hence its percentage of the peak of f32 multiply-adds. Both ceilings are "
                    + "measured in the same run, on as many threads.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin bench --prompt-tokens 128 --threads 1,2",
            "  kelvin bench --depth 128 --generate-tokens 32 --sequences 1,8",
            "  kelvin bench --prompt-tokens 128 --json"
        })
final class BenchCommand extends Subcommand {
    private static final int PROMPT_TOKENS = 512;

    @Option(names = "--model", paramLabel = "FILE", description = "The GGUF model. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "N",
            converter = Arguments.PositiveCount.class,
            description = "Tokens of the prompt. Default: 512, or the model's context if that is shorter.")
    private Integer askedPromptTokens;

    @Option(
            names = "--generate-tokens",
            paramLabel = "N",
            defaultValue = "64",
            converter = Arguments.PositiveCount.class,
            description = "Tokens to generate. Default: 64.")
    private int generateTokens;

    @Option(
            names = "--depth",
            paramLabel = "N",
            defaultValue = "0",
            converter = Arguments.Count.class,
            description = "Tokens in the context before generation begins. Default: 0.")
    private int depth;

    @Option(
            names = "--sequences",
            split = ",",
            paramLabel = "N,...",
            hideParamSyntax = true,
            defaultValue = "1",
            converter = Arguments.PositiveCount.class,
            description = "Numbers of sequences to generate together. Default: 1.")
    private int[] sequences;

    @Option(
            names = "--threads",
            split = ",",
            paramLabel = "N,...",
            hideParamSyntax = true,
            converter = Arguments.Threads.class,
            description = "Numbers of threads, one after the other. Default: all processors.")
    private int[] threads;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "3",
            converter = Arguments.PositiveCount.class,
            description = "Measurements of each kind after the first prompt. Default: 3.")
    private int repeats;

    @Option(names = "--json", description = "Write JSON, with every measurement.")
    private boolean json;

    private int promptTokens;
    private ProgressBar progress;
    private long measurements;
    private long measured;

    @Mixin
    private final KvTypeOption kv = new KvTypeOption();

    @Mixin
    private final DraftOption draft = new DraftOption();

    @Mixin
    private final Models models = new Models();

    BenchCommand(Terminal terminal) {
        super(terminal);
    }

    /** What one number of threads reached, in tokens per second. */
    private record Speed(
            int threads,
            double loadSeconds,
            double firstPrompt,
            Rates prompt,
            List<Rates> generation,
            Guessed guessed,
            Ceilings most) {}

    /** Answers whose tokens were guessed, how many of them were, and how many of those were right. */
    private record Guessed(Rates rates, long tokens, long right) {}

    /** Measurements of one kind, in ascending order, of so many sequences together. */
    private record Rates(int sequences, double[] ascending) {
        double median() {
            int middle = ascending.length / 2;
            return ascending.length % 2 == 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
        }

        double lowest() {
            return ascending[0];
        }

        double highest() {
            return ascending[ascending.length - 1];
        }
    }

    /** What a token costs: bytes of weights to read in generation, multiply-adds of weights within a prompt. */
    private record Cost(long bytes, long multiplyAdds) {}

    @Override
    void run() throws IOException, InterruptedException {
        Cost cost = cost();
        int[] counts = threads == null ? new int[] {Runtime.getRuntime().availableProcessors()} : threads;
        List<Speed> speeds = new ArrayList<>();
        progress = new ProgressBar(terminal, "measuring", ProgressBar.InFiles.NOTHING, 0);
        int kinds = 1 + sequences.length + (draft.tokens() > 0 ? 1 : 0);
        measurements = (long) counts.length * (kinds * (repeats + 1) + 1);
        for (int count : counts) {
            speeds.add(measure(count));
        }
        if (json) {
            writeJson(cost, speeds);
        } else {
            print(cost, speeds);
        }
    }

    /** The embedding table is only looked up in, and the projection to logits is done once a prompt. */
    private Cost cost() throws IOException {
        try (ModelFile file = Models.file(model)) {
            boolean tied = file.find("output.weight").isEmpty();
            long bytes = 0;
            long multiplyAdds = 0;
            for (TensorInfo tensor : file.tensors()) {
                boolean table = tensor.name().equals("token_embd.weight");
                if (!table || tied) {
                    bytes += tensor.byteSize();
                }
                if (tensor.shape().rank() == 2 && !table && !tensor.name().equals("output.weight")) {
                    multiplyAdds += tensor.shape().elements();
                }
            }
            return new Cost(bytes, multiplyAdds);
        }
    }

    private Speed measure(int count) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (OpenModel open = Models.writer(Models.open(model, Compute.startQuick(count), models.loading(terminal)))) {
            double loadSeconds = (System.nanoTime() - start) * 1e-9;
            promptTokens =
                    askedPromptTokens == null ? Math.min(PROMPT_TOKENS, open.contextLength()) : askedPromptTokens;
            int longest = Math.max(promptTokens, depth + generateTokens);
            if (longest > open.contextLength()) {
                throw usage(longest + " tokens are more than the model's context of " + open.contextLength());
            }
            ModelSpeed model = new ModelSpeed(open, longest, kv.type());
            progress.at(measured, measurements);
            double firstPrompt = counted(model.prompt(promptTokens));
            Rates prompts = new Rates(1, new double[repeats]);
            List<Rates> generations = new ArrayList<>();
            for (int together : sequences) {
                counted(model.generation(together, depth, generateTokens));
                generations.add(new Rates(together, new double[repeats]));
            }
            for (int i = 0; i < repeats; i++) {
                prompts.ascending()[i] = counted(model.prompt(promptTokens));
                for (Rates generation : generations) {
                    generation.ascending()[i] =
                            counted(model.generation(generation.sequences(), depth, generateTokens));
                }
            }
            Arrays.sort(prompts.ascending());
            generations.forEach(generation -> Arrays.sort(generation.ascending()));
            Guessed guessed = guessed(open);
            Ceilings most = Ceilings.measure(count);
            progress.at(++measured, measurements);
            return new Speed(count, loadSeconds, firstPrompt, prompts, generations, guessed, most);
        }
    }

    /** Null where nothing is guessed. */
    private Guessed guessed(OpenModel open) throws IOException {
        int guesses = draft.prepare(open);
        if (guesses == 0) {
            return null;
        }
        GuessedSpeed speed = new GuessedSpeed(open, kv.limits().withDraft(guesses), depth, generateTokens);
        Rates rates = new Rates(1, new double[repeats]);
        counted(speed.generation());
        for (int i = 0; i < repeats; i++) {
            rates.ascending()[i] = counted(speed.generation());
        }
        Arrays.sort(rates.ascending());
        return new Guessed(rates, speed.guessed(), speed.right());
    }

    private double counted(double tokensPerSecond) {
        progress.at(++measured, measurements);
        return tokensPerSecond;
    }

    private void print(Cost cost, List<Speed> speeds) {
        TextTable table = new TextTable("lrrrrrrr")
                .row("", "threads", "tokens/s", "lowest", "highest", "rate", "ceiling", "of it");
        for (Speed speed : speeds) {
            String count = Integer.toString(speed.threads());
            double flops = 2 * cost.multiplyAdds() * speed.prompt().median();
            table.row("first prompt", count, Numbers.fixed(speed.firstPrompt(), 2), "", "", "", "", "");
            table.row(row("prompt", count, speed.prompt(), flops, speed.most().flops(), " GFLOP/s"));
            for (Rates generation : speed.generation()) {
                int together = generation.sequences();
                double bytes = cost.bytes() * generation.median() / together;
                String what = together == 1 ? "generation" : together + " together";
                table.row(row(what, count, generation, bytes, speed.most().readBytesPerSecond(), " GB/s"));
            }
            if (speed.guessed() != null) {
                table.row(row(count, speed.guessed()));
            }
        }
        table.print(terminal);
        PeakMemory peak = PeakMemory.ofProcess();
        terminal.line("  peak memory, ceilings included: " + Numbers.bytes(peak.bytes()) + " (" + peak.source() + ")");
    }

    private static String[] row(String what, String count, Rates tokens, double rate, double most, String unit) {
        return new String[] {
            what,
            count,
            Numbers.fixed(tokens.median(), 2),
            Numbers.fixed(tokens.lowest(), 2),
            Numbers.fixed(tokens.highest(), 2),
            Numbers.fixed(rate * 1e-9, 1) + unit,
            Numbers.fixed(most * 1e-9, 1),
            Numbers.fixed(100 * rate / most, 0) + "%"
        };
    }

    private static String[] row(String count, Guessed guessed) {
        Rates tokens = guessed.rates();
        double right = guessed.tokens() == 0 ? 0 : 100.0 * guessed.right() / guessed.tokens();
        return new String[] {
            "guessed, " + Numbers.fixed(right, 0) + "% right",
            count,
            Numbers.fixed(tokens.median(), 2),
            Numbers.fixed(tokens.lowest(), 2),
            Numbers.fixed(tokens.highest(), 2),
            "",
            "",
            ""
        };
    }

    private void writeJson(Cost cost, List<Speed> speeds) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject()
                    .field("model", Models.name(model))
                    .field("promptTokens", promptTokens)
                    .field("depth", depth)
                    .field("generateTokens", generateTokens)
                    .field("weightBytesPerToken", cost.bytes())
                    .field("multiplyAddsPerToken", cost.multiplyAdds())
                    .beginArray("runs");
            for (Speed speed : speeds) {
                document.beginObject()
                        .field("threads", speed.threads())
                        .field("loadSeconds", speed.loadSeconds())
                        .field("firstPromptTokensPerSecond", speed.firstPrompt())
                        .field("promptTokensPerSecond", speed.prompt().median())
                        .field("promptMeasurements", speed.prompt().ascending())
                        .field(
                                "generationTokensPerSecond",
                                speed.generation().getFirst().median())
                        .field(
                                "generationMeasurements",
                                speed.generation().getFirst().ascending())
                        .beginArray("generations");
                for (Rates generation : speed.generation()) {
                    document.beginObject()
                            .field("sequences", generation.sequences())
                            .field("tokensPerSecond", generation.median())
                            .field("measurements", generation.ascending())
                            .endObject();
                }
                document.endArray();
                if (speed.guessed() != null) {
                    document.field(
                                    "guessingTokensPerSecond",
                                    speed.guessed().rates().median())
                            .field(
                                    "guessingMeasurements",
                                    speed.guessed().rates().ascending())
                            .field("guessedTokens", speed.guessed().tokens())
                            .field("rightTokens", speed.guessed().right());
                }
                document.field("fmaPeakFlops", speed.most().flops())
                        .field("readBytesPerSecond", speed.most().readBytesPerSecond())
                        .endObject();
            }
            document.endArray().endObject();
        }
    }
}
