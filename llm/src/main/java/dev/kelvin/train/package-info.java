// SPDX-License-Identifier: Apache-2.0
/**
 * The training loop: {@link dev.kelvin.train.Trainer} makes a decoder from tokens, step by step, and writes it as a
 * GGUF file. The same recipe gives the same weights to the bit, whatever the number of threads and the width of the
 * lanes, interrupted and resumed or not.
 */
package dev.kelvin.train;
