// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.ops.Compute;
import dev.kelvin.train.Activations;
import dev.kelvin.train.Architecture;
import dev.kelvin.train.DecoderShape;
import dev.kelvin.train.Recipe;
import dev.kelvin.train.TokenData;
import dev.kelvin.train.TokenizedText;
import dev.kelvin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
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
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.99;

    /** SwiGLU has three matrices where GELU has two: 8/3 instead of 4 keeps the number of weights. */
    private static final int FFN_MULTIPLE = 32;

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

    @Option(
            names = "--arch",
            paramLabel = "llama|gpt2",
            defaultValue = "llama",
            description = "The kind of decoder. Default: ${DEFAULT-VALUE}.")
    private String architecture;

    @Option(
            names = "--layers",
            paramLabel = "N",
            defaultValue = "4",
            converter = Arguments.PositiveCount.class,
            description = "Blocks. Default: ${DEFAULT-VALUE}.")
    private int layers;

    @Option(
            names = "--dim",
            paramLabel = "N",
            defaultValue = "128",
            converter = Arguments.PositiveCount.class,
            description = "Width of the model. Default: ${DEFAULT-VALUE}.")
    private int dim;

    @Option(
            names = "--heads",
            paramLabel = "N",
            defaultValue = "4",
            converter = Arguments.PositiveCount.class,
            description = "Attention heads, a divisor of --dim. Default: ${DEFAULT-VALUE}.")
    private int heads;

    @Option(
            names = "--kv-heads",
            paramLabel = "N",
            converter = Arguments.PositiveCount.class,
            description = "Key/value heads, a divisor of --heads. Default: as many as heads.")
    private Integer kvHeads;

    @Option(
            names = "--ffn-dim",
            paramLabel = "N",
            converter = Arguments.PositiveCount.class,
            description = "Width of the feed-forward part. Default: 8/3 of --dim for llama, 4 times for gpt2.")
    private Integer ffnDim;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "256",
            converter = Arguments.PositiveCount.class,
            description =
                    "Tokens of a sequence, and so of a text that the model can make. " + "Default: ${DEFAULT-VALUE}.")
    private int context;

    @Option(names = "--untied", description = "Give the last projection a table of its own instead of the embedding's.")
    private boolean untied;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "2000",
            converter = Arguments.PositiveCount.class,
            description = "Steps of the optimizer. Default: ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "4",
            converter = Arguments.PositiveCount.class,
            description = "Sequences computed at once. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--accumulate",
            paramLabel = "N",
            defaultValue = "1",
            converter = Arguments.PositiveCount.class,
            description = "Batches whose gradients make a step. Default: ${DEFAULT-VALUE}.")
    private int accumulate;

    @Option(
            names = "--lr",
            paramLabel = "X",
            defaultValue = "0.001",
            description = "Peak learning rate. Default: ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(names = "--min-lr", paramLabel = "X", description = "Learning rate at the end. Default: a tenth of --lr.")
    private Double minLearningRate;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            converter = Arguments.Count.class,
            description = "Steps over which the learning rate climbs. Default: 100, or a tenth of fewer steps.")
    private Integer warmup;

    @Option(
            names = "--weight-decay",
            paramLabel = "X",
            defaultValue = "0.1",
            description = "AdamW's weight decay. Default: ${DEFAULT-VALUE}.")
    private double weightDecay;

    @Option(
            names = "--clip",
            paramLabel = "X",
            defaultValue = "1",
            description = "Longest gradient, by its global norm; 0 for any. Default: ${DEFAULT-VALUE}.")
    private double clip;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0",
            converter = Arguments.Share.class,
            description = "Share of activations dropped while training. Default: ${DEFAULT-VALUE}.")
    private float dropout;

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

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Arguments.Threads.class,
            description = "Threads to compute on. Default: all processors.")
    private Integer threads;

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
        DecoderShape shape = shape(text.vocabulary().pieces().length);
        Recipe recipe = recipe();
        int threadCount = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        try (Compute compute = Compute.start(threadCount)) {
            TokenData tokens = new TokenData(text.tokens(), HELD_OUT);
            Trainer trainer = new Trainer(
                    shape, recipe, tokens, compute, recompute ? Activations.RECOMPUTED : Activations.STORED);
            if (resume) {
                trainer.restore(files.checkpoint());
            }
            terminal.err()
                    .println(Numbers.grouped(trainer.parameterCount()) + " parameters, vocabulary of "
                            + Numbers.grouped(shape.vocabSize()));
            terminal.err()
                    .println(Numbers.grouped(tokens.trainedTokens()) + " tokens to train on, "
                            + Numbers.grouped(tokens.heldOutTokens()) + " held out");
            TrainingRun.Intervals every = new TrainingRun.Intervals(evalEvery, checkpointEvery);
            Stoppable.run(terminal, stop -> {
                TrainingRun run = new TrainingRun(terminal, trainer, recipe, every, files);
                tell(run.finish(text.metadata(), stop), tokens);
            });
        }
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

    private DecoderShape shape(int vocabSize) {
        Architecture kind =
                switch (architecture.toLowerCase(Locale.ROOT)) {
                    case "llama" -> Architecture.LLAMA;
                    case "gpt2" -> Architecture.GPT2;
                    default -> throw usage("--arch is llama or gpt2, got '" + architecture + "'");
                };
        long ffn = kind == Architecture.GPT2 ? 4L * dim : Math.ceilDiv(8L * dim, 3 * FFN_MULTIPLE) * FFN_MULTIPLE;
        try {
            return new DecoderShape(
                    kind,
                    vocabSize,
                    context,
                    dim,
                    ffnDim == null ? (int) Math.min(ffn, Integer.MAX_VALUE) : ffnDim,
                    heads,
                    kvHeads == null ? heads : kvHeads,
                    layers,
                    !untied);
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }

    private Recipe recipe() {
        try {
            return new Recipe(
                    batch,
                    accumulate,
                    steps,
                    learningRate,
                    minLearningRate == null ? learningRate / 10 : minLearningRate,
                    warmup == null ? Math.min(100, steps / 10) : warmup,
                    BETA1,
                    BETA2,
                    weightDecay,
                    clip,
                    dropout,
                    seed);
        } catch (IllegalArgumentException e) {
            throw usage(e.getMessage());
        }
    }
}
