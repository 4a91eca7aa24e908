// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.train.Recipe;
import picocli.CommandLine.Option;

/** The options of {@code kelvin train} that say how it is trained. */
final class RecipeOptions {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.99;

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

    /** The recipe, or the mistake of {@code command}'s caller. */
    Recipe recipe(Subcommand command, long seed) {
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
            throw command.usage(e.getMessage());
        }
    }
}
