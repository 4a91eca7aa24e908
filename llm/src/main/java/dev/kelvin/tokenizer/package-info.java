// SPDX-License-Identifier: Apache-2.0
/**
 * Text to token ids and back.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.generate.Tokenizers#of} reads the {@link dev.kelvin.tokenizer.Tokenizer}
 * of a model, {@link dev.kelvin.tokenizer.TokenizerJson} that of a file {@code tokenizer.json}. What a model writes
 * goes through a {@link dev.kelvin.tokenizer.StreamingDecoder}, which never cuts a character.
 * {@link dev.kelvin.tokenizer.BpeTrainer} makes a vocabulary of texts.
 */
package dev.kelvin.tokenizer;
