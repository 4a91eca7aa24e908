// SPDX-License-Identifier: Apache-2.0
/**
 * From the hidden state of the last layer to a token: projection to the vocabulary, samplers, draws, and the loss of
 * training.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.head.LogitProjection} makes logits, or a token in one pass over its
 * weights. {@link dev.kelvin.head.SamplerChain} is made of samplers such as {@link dev.kelvin.head.TopK},
 * {@link dev.kelvin.head.MinP} and {@link dev.kelvin.head.Temperature}, and starts a {@link dev.kelvin.head.Sampling}
 * for each sequence; {@link dev.kelvin.head.CustomSampler} is one of your own. {@link dev.kelvin.head.CounterRandom} is
 * where draws come from, {@link dev.kelvin.head.CrossEntropy} the loss.
 */
package dev.kelvin.head;
