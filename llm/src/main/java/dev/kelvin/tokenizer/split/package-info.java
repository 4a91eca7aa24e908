// SPDX-License-Identifier: Apache-2.0
/**
 * The second stage of a tokenizer: how a text is cut into words, over which no token reaches.
 *
 * <p><b>Where to begin.</b> Whoever reads a model's tokenizer needs nothing of this:
 * {@link dev.kelvin.generate.Tokenizers} does. The rules by the names that GGUF has for them are in
 * {@link dev.kelvin.tokenizer.split.SplitRule}.
 */
package dev.kelvin.tokenizer.split;
