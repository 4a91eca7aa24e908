// SPDX-License-Identifier: Apache-2.0
/**
 * The layers that decoder models are put together from.
 *
 * <p><b>Where to begin.</b> With a {@link dev.kelvin.nn.Decoder} from {@link dev.kelvin.model.LanguageModels#load}:
 * {@code decoder.newPool().newSequence()} is the memory of one text, {@code append} computes tokens of it, and
 * {@code head()} makes logits.
 *
 * <p>{@link dev.kelvin.nn.Decoder} runs a {@link dev.kelvin.plan.DecoderPlan}. A layer holds weights and the
 * {@link dev.kelvin.ops.Compute} that runs it, and no activations: what a layer needs between its operations lies in
 * {@link dev.kelvin.nn.RowBuffers} of the pass, shared by all layers in inference, kept for the way back in training.
 * Inputs and outputs are {@code [T, columns]} with one row a position. Every operation treats the rows independently
 * and in the canonical order of {@link dev.kelvin.ops.Compute}, hence T positions at once give the same bits as T calls
 * with one position each.
 *
 * <p>Letters in shapes: T positions, D model width, F feed-forward width, H query heads, Hkv key and value heads, Dh
 * head width, V vocabulary size. Layers reject null. Like {@code Compute}, they serve one calling thread at a time.
 */
package dev.kelvin.nn;
