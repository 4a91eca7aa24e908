// SPDX-License-Identifier: Apache-2.0
/** The way back: from the spellings of tokens to text, piece by piece. */
package dev.kelvin.tokenizer.decoder;
