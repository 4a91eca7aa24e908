// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.train.Recipe;
import dev.kelvin.train.Trainer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The steps of a training run, and what it writes on the way and in the end. Whenever it is stopped there is a
 * checkpoint on disk from which it goes on.
 */
final class TrainingRun {
    /** Held-out sequences at an evaluation on the way; the last one takes four times as many. */
    private static final int EVALUATED = 512;

    private final Trainer trainer;
    private final Recipe recipe;
    private final Intervals every;
    private final TrainingFiles files;
    private final TrainingLog log;
    private final TrainingProgress progress;

    /**
     * How often something is done.
     *
     * @param evaluation steps between two measurements of the held-out loss
     * @param checkpoint steps between two checkpoints
     */
    record Intervals(int evaluation, int checkpoint) {}

    /** The run of a trainer, from the step that it has reached. */
    TrainingRun(Terminal terminal, Trainer trainer, Recipe recipe, Intervals every, TrainingFiles files)
            throws IOException {
        this.trainer = trainer;
        this.recipe = recipe;
        this.every = every;
        this.files = files;
        log = new TrainingLog(files.log());
        if (trainer.steps() > 0) {
            log.readUpTo(trainer.steps());
        }
        progress = new TrainingProgress(terminal, trainer.steps(), recipe.steps(), trainer.tokensPerStep());
    }

    /**
     * Runs the steps that are left and writes the model.
     *
     * @param tokenizer the keys of the model file that describe the tokenizer
     * @param stop whether to write a checkpoint and stop
     * @return the held-out loss at the end, nats a token; NaN if the text is too short to measure it
     * @throws InterruptedIOException when it was stopped
     */
    double finish(Map<String, Object> tokenizer, BooleanSupplier stop) throws IOException {
        evaluateIfDue(stop);
        while (trainer.steps() < recipe.steps()) {
            step();
            stopIfAsked(stop);
            evaluateIfDue(stop);
            progress.draw();
            if (trainer.steps() % every.checkpoint() == 0 && trainer.steps() < recipe.steps()) {
                trainer.save(files.checkpoint());
                log.write();
            }
        }
        progress.end();
        trainer.export(files.model(), files.name(), tokenizer);
        double loss = trainer.heldOutLoss(4 * EVALUATED, stop);
        stopIfAsked(stop);
        log.setLastHeldOutLoss(loss);
        log.write();
        if (!log.entries().isEmpty()) {
            FileReplacement.write(files.curve(), LossCurve.svg(files.name(), log.entries()));
        }
        Files.deleteIfExists(files.checkpoint());
        return loss;
    }

    private void step() {
        long start = System.nanoTime();
        double rate = recipe.learningRate(trainer.steps());
        double loss = trainer.step();
        double speed = trainer.tokensPerStep() * 1e9 / (System.nanoTime() - start);
        log.add(new TrainingLog.Entry(trainer.steps(), loss, Double.NaN, rate, trainer.gradientNorm(), speed));
        progress.step(trainer.steps(), loss, speed);
    }

    /** Measures the held-out loss after the last step, also if that is of a run that was stopped before it could. */
    private void evaluateIfDue(BooleanSupplier stop) throws IOException {
        int step = trainer.steps();
        if (step % every.evaluation() == 0 && step < recipe.steps() && log.lacksHeldOutLoss(step)) {
            double loss = trainer.heldOutLoss(EVALUATED, stop);
            stopIfAsked(stop);
            log.setLastHeldOutLoss(loss);
            log.write();
            progress.evaluated(loss);
        }
    }

    private void stopIfAsked(BooleanSupplier stop) throws IOException {
        if (!stop.getAsBoolean()) {
            return;
        }
        progress.end();
        trainer.save(files.checkpoint());
        String message = "stopped after step " + trainer.steps() + " of " + recipe.steps() + "; " + files.checkpoint()
                + " is written, and the same command with --resume goes on from it";
        try {
            log.write();
        } catch (IOException e) {
            message += "; the log is not written: " + FailureMessage.of(e);
        }
        throw new InterruptedIOException(message);
    }
}
