// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.FileReplacement;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * The steps of a training run, and the files that it writes on the way and in the end. Whenever it is stopped there is
 * a checkpoint on disk from which it goes on, to the same bits. For one thread; nulls are refused.
 */
public final class TrainingRun {
    /** Held-out sequences at an evaluation on the way; the last one takes four times as many. */
    private static final int EVALUATED = 512;

    private final Trainer trainer;
    private final int steps;
    private final Intervals every;
    private final TrainingFiles files;
    private final TrainingLog log;

    /**
     * How often something is done. It changes no weight.
     *
     * @param evaluation steps between two measurements of the held-out loss
     * @param checkpoint steps between two checkpoints
     */
    public record Intervals(int evaluation, int checkpoint) {
        /** Checks the ranges. */
        public Intervals {
            if (evaluation < 1 || checkpoint < 1) {
                throw new IllegalArgumentException(
                        "train: intervals must be at least 1, got " + evaluation + " and " + checkpoint);
            }
        }
    }

    private TrainingRun(Trainer trainer, TrainingFiles files, Intervals every) {
        this.trainer = Objects.requireNonNull(trainer, "trainer");
        this.files = Objects.requireNonNull(files, "files");
        this.every = Objects.requireNonNull(every, "every");
        steps = trainer.recipe().steps();
        log = new TrainingLog(files.log());
    }

    /**
     * A run from the step that its trainer has reached.
     *
     * @param trainer does the steps
     * @param files are written
     * @param every how often it evaluates and saves
     * @return the run, of which no step is done
     * @throws IOException if a file cannot be written, or if there is a checkpoint: it would be lost
     */
    public static TrainingRun start(Trainer trainer, TrainingFiles files, Intervals every) throws IOException {
        TrainingRun run = new TrainingRun(trainer, files, every);
        if (Files.exists(files.checkpoint())) {
            throw new IOException(
                    files.checkpoint() + ": is the checkpoint of an interrupted run; resume or delete it");
        }
        files.check();
        return run;
    }

    /**
     * A run that was stopped.
     *
     * @param trainer does the steps; is restored
     * @param files those of the run, one of which is the checkpoint
     * @param every how often it evaluates and saves
     * @return the run, of which the steps of the checkpoint are done
     * @throws IOException if the checkpoint is none of this run (see {@link Trainer#restore}), or if a file cannot be
     *     read or written
     */
    public static TrainingRun resume(Trainer trainer, TrainingFiles files, Intervals every) throws IOException {
        TrainingRun run = new TrainingRun(trainer, files, every);
        files.check();
        trainer.restore(files.checkpoint());
        if (trainer.steps() > 0) {
            run.log.readUpTo(trainer.steps());
        }
        return run;
    }

    /**
     * Runs the steps that are left and writes the model, its log and its curve.
     *
     * @param tokenizer the keys of the model file that describe the tokenizer
     * @param listener is told how far it is
     * @param stop whether to write a checkpoint and stop; asked after each step, and while held-out sequences are
     *     measured
     * @return how it ended
     * @throws IOException if a file cannot be written
     * @throws IllegalArgumentException if the recipe is unfit, see {@link Trainer#step}
     */
    public TrainingEnd finish(Map<String, Object> tokenizer, TrainingListener listener, BooleanSupplier stop)
            throws IOException {
        Objects.requireNonNull(tokenizer, "tokenizer");
        if (!evaluateIfDue(listener, stop)) {
            return stopped();
        }
        while (trainer.steps() < steps) {
            step(listener);
            if (stop.getAsBoolean() || !evaluateIfDue(listener, stop)) {
                return stopped();
            }
            if (trainer.steps() % every.checkpoint() == 0 && trainer.steps() < steps) {
                trainer.save(files.checkpoint());
                log.write();
            }
        }
        trainer.export(files.model(), files.name(), tokenizer);
        double loss = trainer.heldOutLoss(4 * EVALUATED, stop);
        if (stop.getAsBoolean()) {
            return stopped();
        }
        log.setLastHeldOutLoss(loss);
        log.write();
        if (!log.steps().isEmpty()) {
            FileReplacement.write(files.curve(), LossCurve.svg(files.name(), log.steps()));
        }
        Files.deleteIfExists(files.checkpoint());
        return new TrainingEnd.Finished(loss);
    }

    private void step(TrainingListener listener) {
        long start = System.nanoTime();
        double rate = trainer.recipe().learningRate(trainer.steps());
        double loss = trainer.step();
        double speed = trainer.tokensPerStep() * 1e9 / Math.max(1, System.nanoTime() - start);
        log.add(new TrainingStep(trainer.steps(), loss, Double.NaN, rate, trainer.gradientNorm(), speed));
        listener.stepped(log.steps().getLast());
    }

    /**
     * Measures the held-out loss after the last step, also if that is of a run that was stopped before it could.
     *
     * @return false if it was stopped meanwhile
     */
    private boolean evaluateIfDue(TrainingListener listener, BooleanSupplier stop) throws IOException {
        int step = trainer.steps();
        if (step % every.evaluation() == 0 && step < steps && log.lacksHeldOutLoss(step)) {
            double loss = trainer.heldOutLoss(EVALUATED, stop);
            if (stop.getAsBoolean()) {
                return false;
            }
            log.setLastHeldOutLoss(loss);
            log.write();
            listener.evaluated(log.steps().getLast());
        }
        return true;
    }

    /** Keeps what is done. The checkpoint alone is enough to go on: a log that cannot be written is told, no more. */
    private TrainingEnd.Stopped stopped() throws IOException {
        trainer.save(files.checkpoint());
        IOException failure = null;
        try {
            log.write();
        } catch (IOException e) {
            failure = e;
        }
        return new TrainingEnd.Stopped(trainer.steps(), failure);
    }
}
