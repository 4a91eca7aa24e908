// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

/** Is told, on the thread of a {@link TrainingRun}, how far it is. */
public interface TrainingListener {
    /** Wants to know nothing. */
    TrainingListener SILENT = new TrainingListener() {};

    /**
     * A step was done. Its held-out loss is not measured yet.
     *
     * @param step what is known about it
     */
    default void stepped(TrainingStep step) {}

    /**
     * The held-out loss was measured, but for that at the end, which {@link TrainingEnd.Finished} has.
     *
     * @param step the last that was done, with the loss; NaN where the text is too short to measure it
     */
    default void evaluated(TrainingStep step) {}
}
