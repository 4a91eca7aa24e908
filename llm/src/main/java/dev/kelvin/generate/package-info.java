// SPDX-License-Identifier: Apache-2.0
/**
 * From requests to answers. {@link dev.kelvin.generate.Kelvin} opens a model and continues texts;
 * {@link dev.kelvin.generate.Engine} computes many answers at a time on one thread, none of which depends on the
 * others; {@link dev.kelvin.generate.Tokenizers} reads the tokenizer of a file.
 */
package dev.kelvin.generate;
