// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.model.DecoderShape;
import dev.kelvin.ops.ComputeGrid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run as a program of somebody's calls it: no terminal, no options. */
class TrainingRunTest {
    private static final int STEPS = 12;
    private static final TrainingRun.Intervals EVERY = new TrainingRun.Intervals(4, 5);
    private static final Recipe RECIPE = new Recipe(2, 1, STEPS, 1e-2, 1e-3, 2, 0.9, 0.95, 0.1, 0.5, 0.1f, 42);

    private final TokenizedText text = TokenizedText.characters("the cat sat on the mat\n".repeat(40));
    private final List<String> heard = new ArrayList<>();
    private final TrainingListener listener = new TrainingListener() {
        @Override
        public void stepped(TrainingStep step) {
            assertTrue(Double.isNaN(step.heldOutLoss()));
            assertTrue(step.loss() > 0 && step.gradientNorm() > 0 && step.tokensPerSecond() > 0, step.toString());
            assertEquals(RECIPE.learningRate(step.step() - 1), step.learningRate());
            heard.add("step " + step.step());
        }

        @Override
        public void evaluated(TrainingStep step) {
            assertTrue(step.heldOutLoss() > 0, step.toString());
            heard.add("evaluated " + step.step());
        }
    };

    @TempDir
    private Path folder;

    private Trainer trainer() {
        int vocabSize = text.vocabulary().pieces().length;
        return new Trainer(
                new DecoderShape("llama", vocabSize, 9, 8, 12, 2, 1, 2, true),
                RECIPE,
                new TokenData(text.tokens(), 0.1),
                ComputeGrid.fastest());
    }

    /** The files of a run of its own folder, so that the models have one name. */
    private TrainingFiles files(String run) throws IOException {
        return new TrainingFiles(Files.createDirectories(folder.resolve(run)).resolve("model.gguf"));
    }

    /** Says yes from that question on. */
    private static BooleanSupplier atQuestion(int number) {
        int[] asked = {0};
        return () -> ++asked[0] >= number;
    }

    private double finish(TrainingRun run) throws IOException {
        return assertInstanceOf(TrainingEnd.Finished.class, run.finish(text.metadata(), listener, () -> false))
                .heldOutLoss();
    }

    @Test
    void tellsEachStepAndWritesItsFiles() throws IOException {
        TrainingFiles files = files("whole");
        double loss = finish(TrainingRun.start(trainer(), files, EVERY));
        List<String> expected = new ArrayList<>();
        IntStream.rangeClosed(1, STEPS).forEach(step -> {
            expected.add("step " + step);
            if (step % 4 == 0 && step < STEPS) {
                expected.add("evaluated " + step);
            }
        });
        assertEquals(expected, heard);
        List<String> log = Files.readAllLines(files.log());
        assertEquals(1 + STEPS, log.size());
        assertTrue(log.getLast().matches("12,[0-9.]+,[0-9.]+,[0-9.E-]+,[0-9.]+,[0-9]+"), log.getLast());
        assertEquals(loss, Double.parseDouble(log.getLast().split(",", -1)[2]), 1e-6);
        assertTrue(Files.readString(files.curve()).startsWith("<svg "));
        assertTrue(Files.exists(files.model()));
        assertFalse(Files.exists(files.checkpoint()));
    }

    /** Wherever it is stopped, in a step or while it measures, it goes on to the bytes of a run that was not. */
    @Test
    void goesOnFromWhereverItWasStopped() throws IOException {
        TrainingFiles whole = files("whole");
        finish(TrainingRun.start(trainer(), whole, EVERY));
        byte[] expected = Files.readAllBytes(whole.model());
        for (int question : new int[] {1, 4, 5, 6, 7, 20}) {
            TrainingFiles files = files("stopped-" + question);
            TrainingEnd end = TrainingRun.start(trainer(), files, EVERY)
                    .finish(text.metadata(), TrainingListener.SILENT, atQuestion(question));
            TrainingEnd.Stopped stopped = assertInstanceOf(TrainingEnd.Stopped.class, end, "question " + question);
            assertNull(stopped.logFailure());
            Trainer trainer = trainer();
            TrainingRun run = TrainingRun.resume(trainer, files, EVERY);
            assertEquals(stopped.step(), trainer.steps());
            finish(run);
            assertArrayEquals(expected, Files.readAllBytes(files.model()), "question " + question);
            assertEquals(withoutSpeeds(whole.log()), withoutSpeeds(files.log()), "question " + question);
        }
    }

    private static List<String> withoutSpeeds(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .map(line -> line.substring(0, line.lastIndexOf(',')))
                .toList();
    }

    @Test
    void theCheckpointIsWrittenThoughTheLogIsNot() throws IOException {
        TrainingFiles files = files("taken");
        TrainingRun run = TrainingRun.start(trainer(), files, EVERY);
        TrainingEnd end = run.finish(text.metadata(), TrainingListener.SILENT, () -> {
            try {
                Files.createDirectories(files.log());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
        TrainingEnd.Stopped stopped = assertInstanceOf(TrainingEnd.Stopped.class, end);
        assertEquals(1, stopped.step());
        assertNotNull(stopped.logFailure());
        Files.delete(files.log());
        Trainer trainer = trainer();
        TrainingRun.resume(trainer, files, EVERY);
        assertEquals(1, trainer.steps());
    }

    @Test
    void refusesToLoseACheckpointAndToGoOnWithoutOne() throws IOException {
        TrainingFiles files = files("refused");
        assertThrows(NoSuchFileException.class, () -> TrainingRun.resume(trainer(), files, EVERY));
        TrainingRun.start(trainer(), files, EVERY).finish(text.metadata(), TrainingListener.SILENT, () -> true);
        String message = assertThrows(IOException.class, () -> TrainingRun.start(trainer(), files, EVERY))
                .getMessage();
        assertEquals(files.checkpoint() + ": is the checkpoint of an interrupted run; resume or delete it", message);
        TrainingFiles taken = files("folder");
        Files.createDirectory(taken.curve());
        assertThrows(IOException.class, () -> TrainingRun.start(trainer(), taken, EVERY));
        assertThrows(IllegalArgumentException.class, () -> new TrainingRun.Intervals(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new TrainingRun.Intervals(1, 0));
    }
}
