// SPDX-License-Identifier: Apache-2.0
/**
 * Regular expressions as tokenizers use them: the syntax of Oniguruma without captures, over code points, with the
 * Unicode classes of the JDK. The machine has a stack of its own, so that no text overflows that of a thread.
 */
package dev.kelvin.tokenizer.pattern;
