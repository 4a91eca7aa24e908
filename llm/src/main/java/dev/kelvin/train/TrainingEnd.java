// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import java.io.IOException;

/** How a {@link TrainingRun} ended. */
public sealed interface TrainingEnd {
    /**
     * All steps are done and the model is written.
     *
     * @param heldOutLoss nats a token; NaN if the text is too short to measure it
     */
    record Finished(double heldOutLoss) implements TrainingEnd {}

    /**
     * It was stopped. The checkpoint from which it goes on is written.
     *
     * @param step the last that was done
     * @param logFailure why the log could not be written as well; null if it was
     */
    record Stopped(int step, IOException logFailure) implements TrainingEnd {}
}
