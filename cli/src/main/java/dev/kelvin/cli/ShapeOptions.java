// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.model.DecoderShape;
import dev.kelvin.model.LanguageModels;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options of {@code kelvin train} that say what is trained. */
final class ShapeOptions {
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

    /** The shape, or the mistake of {@code command}'s caller. */
    DecoderShape decoder(Subcommand command, int vocabSize) {
        String kind = architecture.toLowerCase(Locale.ROOT);
        if (!LanguageModels.trainable().contains(kind)) {
            throw command.usage(
                    "--arch is " + String.join(" or ", LanguageModels.trainable()) + ", got '" + architecture + "'");
        }
        try {
            return new DecoderShape(
                    kind,
                    vocabSize,
                    context,
                    dim,
                    ffnDim == null ? DecoderShape.usualFfnDim(kind, dim) : ffnDim,
                    heads,
                    kvHeads == null ? heads : kvHeads,
                    layers,
                    !untied);
        } catch (IllegalArgumentException e) {
            throw command.usage(e.getMessage());
        }
    }
}
