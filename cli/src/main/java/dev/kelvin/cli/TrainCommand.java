// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.ops.Compute;
import dev.kelvin.train.Activations;
import dev.kelvin.train.Recipe;
import dev.kelvin.train.TokenData;
import dev.kelvin.train.TokenizedText;
import dev.kelvin.train.Trainer;
import dev.kelvin.train.TrainingEnd;
import dev.kelvin.train.TrainingFiles;
import dev.kelvin.train.TrainingRun;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin train}: a model from a text. */
@Command(
        name = "train",
        header = "Train a small language model on a text.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin train --data=FILE --out=FILE [--tokenizer=char|bpe:N]",
            "         [--arch=llama|gpt2] [--layers=N] [--dim=N] [--heads=N]",
            "         [--kv-heads=N] [--ffn-dim=N] [--context=N] [--untied]",
            "         [--steps=N] [--batch=N] [--accumulate=N] [--lr=X] [--min-lr=X]",
            "         [--warmup=N] [--weight-decay=X] [--clip=X] [--dropout=P]",
            "         [--eval-every=N] [--checkpoint-every=N] [--seed=N]",
            "         [--threads=N] [--recompute] [--resume]"
        },
        sortOptions = false,
        description = {
            "",
            "Writes a GGUF file that 'kelvin generate' and llama.cpp load, and beside it a log (.csv) and its curve "
                    + "(.svg). The last tenth of the text is held out to measure the loss on. Where the text has "
                    + "<|endoftext|> it consists of documents.",
            "",
            "The same text, options and seed give the same weights on any machine and any number of threads, "
                    + "also if the run is interrupted (Ctrl-C) and goes on with --resume.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin train --data README.md --out readme.gguf --steps 200",
            "  kelvin generate --model readme.gguf \"The \" --max-tokens 200",
            "  kelvin train --data README.md --out small.gguf --tokenizer bpe:300 \\",
            "      --layers 2 --dim 64 --heads 2 --context 64 --batch 8 --steps 100"
        })
final class TrainCommand extends Subcommand {
    private static final double HELD_OUT = 0.1;

    @Option(names = "--data", required = true, paramLabel = "FILE", description = "The text, in UTF-8.")
    private Path data;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The GGUF file to write.")
    private Path out;

    @Option(
            names = "--tokenizer",
            paramLabel = "char|bpe:N",
            defaultValue = "char",
            description = "Single characters, or byte-pair encoding of N tokens learned from the text. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String tokenizer;

    @Mixin
    private final ShapeOptions shape = new ShapeOptions();

    @Mixin
    private final RecipeOptions recipe = new RecipeOptions();

    @Option(
            names = "--eval-every",
            paramLabel = "N",
            defaultValue = "250",
            converter = Arguments.PositiveCount.class,
            description = "Steps between two measurements of the held-out loss. Default: ${DEFAULT-VALUE}.")
    private int evalEvery;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "500",
            converter = Arguments.PositiveCount.class,
            description = "Steps between two checkpoints. Default: ${DEFAULT-VALUE}.")
    private int checkpointEvery;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of weights, batches and dropout. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Option(
            names = "--recompute",
            description = "Keep the input of each layer alone and compute the rest twice: much less memory, about a "
                    + "quarter more time, the same weights.")
    private boolean recompute;

    @Option(names = "--resume", description = "Go on from the checkpoint of an interrupted run.")
    private boolean resume;

    TrainCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws Exception {
        TrainingFiles files = new TrainingFiles(out);
        checkFiles(files);
        TokenizedText text = tokenized(Arguments.textOf(data));
        DecoderShape decoder = shape.decoder(this, text.vocabulary().pieces().length);
        Recipe chosen = recipe.recipe(this, seed);
        Optional<String> lacking =
                MemoryForecast.ofTraining(decoder, Runtime.getRuntime().maxMemory());
        if (lacking.isPresent()) {
            throw usage(lacking.get());
        }
        try (Compute compute = Compute.start(threads.count())) {
            TokenData tokens = new TokenData(text.tokens(), HELD_OUT);
            Trainer trainer = new Trainer(
                    decoder, chosen, tokens, compute, recompute ? Activations.RECOMPUTED : Activations.STORED);
            TrainingRun.Intervals every = new TrainingRun.Intervals(evalEvery, checkpointEvery);
            TrainingRun run =
                    resume ? TrainingRun.resume(trainer, files, every) : TrainingRun.start(trainer, files, every);
            terminal.err()
                    .println(Numbers.grouped(trainer.parameterCount()) + " parameters, vocabulary of "
                            + Numbers.grouped(decoder.vocabSize()));
            terminal.err()
                    .println(Numbers.grouped(tokens.trainedTokens()) + " tokens to train on, "
                            + Numbers.grouped(tokens.heldOutTokens()) + " held out");
            TrainingProgress progress =
                    new TrainingProgress(terminal, trainer.steps(), chosen.steps(), trainer.tokensPerStep());
            Stoppable.run(terminal, stop -> {
                TrainingEnd end = run.finish(text.metadata(), progress, stop);
                progress.end();
                switch (end) {
                    case TrainingEnd.Finished finished -> tell(finished.heldOutLoss(), tokens);
                    case TrainingEnd.Stopped stopped -> throw stopped(stopped, chosen.steps(), files);
                }
            });
        }
    }

    private InterruptedIOException stopped(TrainingEnd.Stopped stopped, int steps, TrainingFiles files) {
        String message = "stopped after step " + stopped.step() + " of " + steps + "; " + files.checkpoint()
                + " is written, and the same command with --resume goes on from it";
        return new InterruptedIOException(
                stopped.logFailure() == null
                        ? message
                        : message + "; the log is not written: " + FailureMessage.of(stopped.logFailure()));
    }

    private void checkFiles(TrainingFiles files) throws IOException {
        Path checkpoint = files.checkpoint();
        if (!resume && Files.exists(checkpoint)) {
            throw new IOException(
                    checkpoint + " is the checkpoint of an interrupted run; go on from it with --resume, or delete it");
        }
        if (resume && !Files.exists(checkpoint)) {
            throw new IOException("there is no " + checkpoint + " to resume from; start the run without --resume");
        }
        for (Path file : files.all()) {
            if (Files.exists(file) && Files.exists(data) && Files.isSameFile(data, file)) {
                throw usage("--data: the run would write its " + file + " over the text");
            }
            FileReplacement.check(file);
        }
    }

    private void tell(double loss, TokenData tokens) {
        String measured = Double.isNaN(loss)
                ? "not measured, for " + Numbers.grouped(tokens.heldOutTokens()) + " tokens are less than a batch"
                : Numbers.fixed(loss, 4) + " nats a token, perplexity " + Numbers.fixed(Math.exp(loss), 2);
        terminal.line(out + ": held-out loss " + measured);
    }

    private TokenizedText tokenized(String text) {
        if (tokenizer.equals("char")) {
            return TokenizedText.characters(text);
        }
        if (tokenizer.matches("bpe:[0-9]{1,7}")) {
            return TokenizedText.bytePairs(text, Integer.parseInt(tokenizer.substring("bpe:".length())));
        }
        throw usage("--tokenizer is char, or bpe: and a number of tokens such as bpe:1024, got '" + tokenizer + "'");
    }
}
