// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

/**
 * A step of a training run that was done.
 *
 * @param step counted from 1
 * @param loss of its batches, before it; nats a token
 * @param heldOutLoss after it, nats a token; NaN where it was not measured
 * @param learningRate of the step
 * @param gradientNorm before clipping
 * @param tokensPerSecond of the step
 */
public record TrainingStep(
        int step, double loss, double heldOutLoss, double learningRate, double gradientNorm, double tokensPerSecond) {
    TrainingStep withHeldOutLoss(double measured) {
        return new TrainingStep(step, loss, measured, learningRate, gradientNorm, tokensPerSecond);
    }
}
