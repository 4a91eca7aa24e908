// SPDX-License-Identifier: Apache-2.0
/**
 * From requests to answers. {@link dev.kelvin.generate.Kelvin} opens a model and continues texts;
 * {@link dev.kelvin.generate.Engine} computes many answers at a time on one thread, none of which depends on the
 * others; {@link dev.kelvin.generate.Tokenizers} reads the tokenizer of a file.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.generate.Kelvin#open Kelvin.open(path)}, and of what it offers
 * {@code complete}. Conversations are in {@link dev.kelvin.converse.Chat}; a program that wants threads, memory and
 * scheduling in its own hands takes an {@link dev.kelvin.generate.OpenModel} and an {@link dev.kelvin.generate.Engine}.
 */
package dev.kelvin.generate;
