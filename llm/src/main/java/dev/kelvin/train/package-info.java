// SPDX-License-Identifier: Apache-2.0
/**
 * The training loop: {@link dev.kelvin.train.Trainer} makes a decoder from tokens, step by step, and writes it as a
 * GGUF file. The same recipe gives the same weights to the bit, whatever the number of threads and the width of the
 * lanes, interrupted and resumed or not.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.train.TrainingRun} trains from the first step, or from a checkpoint, to
 * the files that are wanted. {@link dev.kelvin.train.Trainer} is one step after the other, for loops of your own.
 */
package dev.kelvin.train;
