// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of a small recipe with everything in it: accumulation, clipping, dropout, decay, warm-up. */
class TrainerTest {
    private static final int VOCABULARY = 13;
    private static final DecoderShape LLAMA = new DecoderShape("llama", VOCABULARY, 18, 20, 28, 2, 1, 2, true);
    private static final DecoderShape GPT2 = new DecoderShape("gpt2", VOCABULARY, 9, 16, 24, 2, 2, 1, false);
    private static final Recipe RECIPE = new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42);

    @TempDir
    private Path folder;

    /** A text with something to learn: each token mostly follows from the one before. */
    private static TokenData data() {
        int[] tokens = new int[2000];
        for (int i = 1; i < tokens.length; i++) {
            tokens[i] = i % 11 == 0 ? i / 11 % VOCABULARY : (5 * tokens[i - 1] + 3) % VOCABULARY;
        }
        return new TokenData(tokens, 0.1);
    }

    private static Recipe longer(int steps, float dropout) {
        return new Recipe(8, 1, steps, 1e-2, 1e-3, 10, 0.9, 0.99, 0.1, 1, dropout, 1);
    }

    private static int[] bits(Trainer trainer) {
        float[] values = trainer.parameters().values().data();
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    private static int[] trained(DecoderShape shape, Recipe recipe, Compute compute) {
        Trainer trainer = new Trainer(shape, recipe, data(), compute);
        while (trainer.steps() < recipe.steps()) {
            trainer.step();
        }
        return bits(trainer);
    }

    @Test
    void sameWeightsOnAnyThreadsAndLanes() {
        for (DecoderShape shape : new DecoderShape[] {LLAMA, GPT2}) {
            int[] expected = trained(shape, RECIPE, ComputeGrid.reference());
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                assertArrayEquals(expected, trained(shape, RECIPE, point.compute()), shape + ", " + point);
            }
        }
    }

    @Test
    void sameWeightsWhetherInterruptedOrNot() throws IOException {
        Path checkpoint = folder.resolve("run.checkpoint");
        Compute compute = ComputeGrid.fastest();
        for (DecoderShape shape : new DecoderShape[] {LLAMA, GPT2}) {
            Trainer first = new Trainer(shape, RECIPE, data(), compute);
            for (int i = 0; i < 3; i++) {
                first.step();
            }
            first.save(checkpoint);
            Trainer second = new Trainer(shape, RECIPE, data(), compute);
            second.restore(checkpoint);
            assertEquals(3, second.steps());
            while (second.steps() < RECIPE.steps()) {
                second.step();
            }
            assertArrayEquals(trained(shape, RECIPE, compute), bits(second));
        }
    }

    @Test
    void sameWeightsWithRecomputedActivations() throws IOException {
        Path checkpoint = folder.resolve("run.checkpoint");
        for (DecoderShape shape : new DecoderShape[] {deeper(LLAMA), deeper(GPT2), GPT2}) {
            for (Compute compute : new Compute[] {ComputeGrid.reference(), ComputeGrid.fastest()}) {
                Trainer trainer = new Trainer(shape, RECIPE, data(), compute, Activations.RECOMPUTED);
                for (int i = 0; i < 3; i++) {
                    trainer.step();
                }
                assertEquals(Math.log(VOCABULARY), trainer.heldOutLoss(3), 0.5); // runs forward on the same buffers
                trainer.save(checkpoint);
                while (trainer.steps() < RECIPE.steps()) {
                    trainer.step();
                }
                int[] expected = trained(shape, RECIPE, compute);
                assertArrayEquals(expected, bits(trainer), shape.toString());
                Trainer stored = new Trainer(shape, RECIPE, data(), compute);
                stored.restore(checkpoint);
                while (stored.steps() < RECIPE.steps()) {
                    stored.step();
                }
                assertArrayEquals(expected, bits(stored), shape + ", going on with stored activations");
            }
        }
    }

    /** Three layers: a first, a last and one between. */
    private static DecoderShape deeper(DecoderShape shape) {
        return new DecoderShape(
                shape.architecture(),
                shape.vocabSize(),
                shape.contextLength(),
                shape.dim(),
                shape.ffnDim(),
                shape.heads(),
                shape.kvHeads(),
                3,
                shape.tied());
    }

    @Test
    void everyNumberOfTheRecipeCounts() {
        Recipe[] others = {
            new Recipe(4, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 1, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 2e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 2e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 3, 0.9, 0.95, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.8, 0.95, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.9, 0.1, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.2, 0.5, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.1, 0.1f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.2f, 42),
            new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 43)
        };
        int expected = Arrays.hashCode(trained(LLAMA, RECIPE, ComputeGrid.fastest()));
        for (Recipe other : others) {
            assertNotEquals(expected, Arrays.hashCode(trained(LLAMA, other, ComputeGrid.fastest())), other.toString());
        }
    }

    @Test
    void theHeldOutLossFalls() {
        for (DecoderShape shape : new DecoderShape[] {LLAMA, GPT2}) {
            Recipe recipe = longer(150, 0);
            Trainer trainer = new Trainer(shape, recipe, data(), ComputeGrid.fastest());
            double before = trainer.heldOutLoss(100);
            assertEquals(Math.log(VOCABULARY), before, 0.1);
            double loss = before;
            while (trainer.steps() < recipe.steps()) {
                loss = trainer.step();
            }
            double after = trainer.heldOutLoss(100);
            assertTrue(after < 0.6 * before, shape.architecture() + ": held-out loss " + before + " -> " + after);
            assertEquals(after, loss, 0.5 * before);
        }
    }

    @Test
    void refusesDamagedAndForeignCheckpoints() throws IOException {
        Path checkpoint = folder.resolve("run.checkpoint");
        Trainer trainer = new Trainer(LLAMA, RECIPE, data(), ComputeGrid.fastest());
        trainer.save(checkpoint);
        byte[] bytes = Files.readAllBytes(checkpoint);
        Trainer other = new Trainer(LLAMA, longer(5, 0), data(), ComputeGrid.fastest());
        assertTrue(refusal(other, checkpoint).contains("belongs to another run"));
        Recipe seeded = new Recipe(3, 2, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 43);
        assertTrue(refusal(new Trainer(LLAMA, seeded, data(), ComputeGrid.fastest()), checkpoint)
                .endsWith(": belongs to another run; it has seed 42; this run has seed 43"));
        byte[] flipped = bytes.clone();
        flipped[flipped.length / 2] ^= 1;
        Files.write(checkpoint, flipped);
        assertTrue(refusal(trainer, checkpoint).contains("it is damaged"));
        Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length - 9));
        assertTrue(refusal(trainer, checkpoint).contains("cut short"));
        Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length + 1));
        assertTrue(refusal(trainer, checkpoint).contains("cut short or damaged"));
        Files.writeString(checkpoint, "something else altogether");
        assertTrue(refusal(trainer, checkpoint).contains("expected a checkpoint of Kelvin"));
    }

    /** What was not read whole was not read at all. */
    @Test
    void aDamagedCheckpointLeavesTheTrainerAsItWas() throws IOException {
        Path checkpoint = folder.resolve("run.checkpoint");
        Trainer ahead = new Trainer(LLAMA, RECIPE, data(), ComputeGrid.fastest());
        ahead.step();
        ahead.step();
        ahead.save(checkpoint);
        byte[] bytes = Files.readAllBytes(checkpoint);
        Trainer trainer = new Trainer(LLAMA, RECIPE, data(), ComputeGrid.fastest());
        Path before = folder.resolve("before.checkpoint");
        Path after = folder.resolve("after.checkpoint");
        trainer.save(before);
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 60; round++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(checkpoint, round % 2 == 0 ? damaged : Arrays.copyOf(bytes, random.nextInt(bytes.length)));
            refusal(trainer, checkpoint);
        }
        for (int length = 0; length < 600; length++) {
            Files.write(checkpoint, Arrays.copyOf(bytes, length));
            assertThrows(ModelFormatException.class, () -> trainer.restore(checkpoint), length + " bytes");
        }
        trainer.save(after);
        assertEquals(-1, Files.mismatch(before, after));
        assertEquals(0, trainer.steps());
    }

    /** A run may be made longer where its steps so far are those of the longer run; it then is the longer run. */
    @Test
    void aRunIsMadeLongerWhereTheScheduleAllows() throws IOException {
        Path checkpoint = folder.resolve("run.checkpoint");
        Compute compute = ComputeGrid.fastest();
        double peak = 1e-2;
        for (double least : new double[] {peak, 1e-3}) {
            for (int warmup : new int[] {1, 3}) {
                Trainer trainer = new Trainer(LLAMA, ofLength(6, least, warmup), data(), compute);
                for (int i = 0; i < 3; i++) {
                    trainer.step();
                }
                trainer.save(checkpoint);
                Recipe longer = ofLength(9, least, warmup);
                Trainer other = new Trainer(LLAMA, longer, data(), compute);
                if (least < peak && warmup < 3) {
                    String refusal = refusal(other, checkpoint);
                    assertTrue(refusal.contains("3 steps had other learning rates"), refusal);
                    assertTrue(refusal.contains("a run of 9 steps"), refusal);
                    continue;
                }
                other.restore(checkpoint);
                while (other.steps() < 9) {
                    other.step();
                }
                assertArrayEquals(trained(LLAMA, longer, compute), bits(other), least + ", " + warmup);
            }
        }
        Trainer shorter = new Trainer(LLAMA, ofLength(2, 1e-3, 3), data(), compute);
        String refusal = refusal(shorter, checkpoint);
        assertTrue(refusal.contains("has 3 steps done, this run ends after 2"), refusal);
    }

    private static Recipe ofLength(int steps, double least, int warmup) {
        return new Recipe(3, 1, steps, 1e-2, least, warmup, 0.9, 0.95, 0.1, 0.5, 0.1f, 42);
    }

    private static String refusal(Trainer trainer, Path checkpoint) {
        return assertThrows(IOException.class, () -> trainer.restore(checkpoint))
                .getMessage();
    }

    @Test
    void countsTheTokensOfAnyStep() {
        Recipe recipe = new Recipe(3, Integer.MAX_VALUE, 6, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42);
        Trainer trainer = new Trainer(LLAMA, recipe, data(), ComputeGrid.fastest());
        assertEquals(3L * 18 * Integer.MAX_VALUE, trainer.tokensPerStep());
    }

    @Test
    void tellsOfDivergence() {
        Trainer trainer = new Trainer(LLAMA, RECIPE, data(), ComputeGrid.fastest());
        trainer.step();
        trainer.tensor("output_norm.weight")
                .data()[trainer.tensor("output_norm.weight").offset()] = 1e38f;
        String message = assertThrows(IllegalArgumentException.class, () -> {
                    while (trainer.steps() < RECIPE.steps()) {
                        trainer.step();
                    }
                })
                .getMessage();
        assertTrue(message.contains("step 2 diverged"), message);
    }

    /** The files hold the trained weights: the models' own forward passes over them give the trainer's loss. */
    @Test
    void theExportedModelHasTheTrainersLoss() throws IOException {
        Path file = folder.resolve("model.gguf");
        for (String architecture : LanguageModels.trainable()) {
            for (boolean tied : new boolean[] {true, false}) {
                int kvHeads = architecture.equals("llama") ? 1 : 2;
                DecoderShape shape = new DecoderShape(architecture, VOCABULARY, 18, 20, 28, 2, kvHeads, 2, tied);
                Recipe recipe = new Recipe(1, 1, 30, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0, 42);
                TokenData data = data();
                Compute compute = ComputeGrid.fastest();
                Trainer trainer = new Trainer(shape, recipe, data, compute);
                for (int i = 0; i < 30; i++) {
                    trainer.step();
                }
                trainer.export(
                        file, "tiny", Map.of("tokenizer.ggml.tokens", "a b c d e f g h i j k l m".split(" ", -1)));
                try (GgufFile gguf = GgufFile.open(file)) {
                    Decoder model = LanguageModels.load(gguf, compute);
                    int[] tokens = Arrays.copyOfRange(
                            data.tokens(), data.trainedTokens(), data.trainedTokens() + shape.contextLength() + 1);
                    for (int prefill : new int[] {1, 7, shape.contextLength()}) {
                        assertEquals(trainer.heldOutLoss(1), loss(model, compute, tokens, prefill), 2e-6);
                    }
                }
            }
        }
    }

    /** The loss by the model, which gets so many tokens at once. */
    private static double loss(Decoder model, Compute compute, int[] tokens, int prefill) {
        int length = tokens.length - 1;
        Sequence sequence = model.newPool().newSequence();
        double sum = 0;
        for (int from = 0; from < length; from += prefill) {
            int rows = Math.min(prefill, length - from);
            HeapTensor hidden = HeapTensor.zeros(rows, model.plan().sizes().dim());
            model.append(sequence, tokens, from, from + rows, hidden);
            HeapTensor logProbs = HeapTensor.zeros(rows, model.plan().sizes().vocabSize());
            model.head().forward(hidden, logProbs);
            compute.logSoftmax(logProbs, 1, logProbs);
            for (int t = 0; t < rows; t++) {
                sum -= logProbs.data()[t * logProbs.columns() + tokens[from + t + 1]];
            }
        }
        return sum / length;
    }

    /** With scalar kernels, whose code allocates in no tier of the compiler. */
    @Test
    void stepsAllocateNothing() {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (DecoderShape shape : new DecoderShape[] {LLAMA, GPT2}) {
            Trainer trainer = new Trainer(shape, longer(60, 0.1f), data(), ComputeGrid.reference());
            for (int i = 0; i < 20; i++) {
                trainer.step();
            }
            // Other threads of this JVM are counted too: the least of three is the trainer's.
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 3; round++) {
                long before = threads.getTotalThreadAllocatedBytes();
                for (int i = 0; i < 13; i++) {
                    trainer.step();
                }
                least = Math.min(least, threads.getTotalThreadAllocatedBytes() - before);
            }
            long bytes = least;
            assertTrue(bytes < 650, shape.architecture() + ": " + bytes + " bytes in 13 steps");
        }
    }
}
