// SPDX-License-Identifier: Apache-2.0
/**
 * A decoder as data: its sizes, and for each block what mixes positions and what feeds forward, down to the name and
 * the extents of every tensor.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.plan.DecoderPlan}; the plan of a file that is open is
 * {@link dev.kelvin.nn.Decoder#plan}.
 *
 * <p>An architecture ({@code dev.kelvin.model}) makes a plan of a file's metadata; the decoder, the parameters of a
 * training run, the export and synthetic models read it. What most models lack (a bias, a norm, rotation) is a part
 * that may be null; there is no flag that means nothing for most of them. Records are immutable as long as their arrays
 * are left alone; they reject what does not fit together.
 */
package dev.kelvin.plan;
