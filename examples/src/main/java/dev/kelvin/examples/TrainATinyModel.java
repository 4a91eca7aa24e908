// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.ops.Compute;
import dev.kelvin.train.Recipe;
import dev.kelvin.train.TokenData;
import dev.kelvin.train.TokenizedText;
import dev.kelvin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains a model of one layer on a rhyme, writes it as a GGUF file, opens that and lets it continue the rhyme. */
public final class TrainATinyModel {
    private static final String RHYME = """
            One, two, buckle my shoe,
            three, four, knock at the door,
            five, six, pick up sticks,
            seven, eight, lay them straight.
            """;

    private TrainATinyModel() {}

    /** Takes the path of the file to write; without one it is a temporary file. */
    public static void main(String[] args) throws IOException {
        Path path = args.length > 0 ? Path.of(args[0]) : Files.createTempFile("rhyme", ".gguf");
        TokenizedText text = TokenizedText.characters(RHYME.repeat(20));
        int vocabSize = text.vocabulary().pieces().length;
        DecoderShape shape = new DecoderShape("llama", vocabSize, 64, 64, 128, 4, 4, 1, true);
        // 8 sequences a step, 150 steps, a learning rate of 0.01 that falls to 0.0001, β₁ 0.9, β₂ 0.99, no decay.
        Recipe recipe = new Recipe(8, 1, 150, 1e-2, 1e-4, 10, 0.9, 0.99, 0, 1, 0, 42);
        try (Compute compute = Compute.start(Runtime.getRuntime().availableProcessors())) {
            Trainer trainer = new Trainer(shape, recipe, new TokenData(text.tokens(), 0), compute);
            while (trainer.steps() < recipe.steps()) {
                double loss = trainer.step();
                if (trainer.steps() % 50 == 0) {
                    System.out.printf("step %d: %.3f nats a character%n", trainer.steps(), loss);
                }
            }
            trainer.export(path, "rhyme", text.metadata());
        }
        try (Kelvin kelvin = Kelvin.open(path)) {
            System.out.print("three, four,");
            kelvin.complete("three, four,", GenerateOptions.greedy(40), System.out::print);
            System.out.println();
        }
        if (args.length == 0) {
            Files.delete(path);
        }
    }
}
