// SPDX-License-Identifier: Apache-2.0
/** The second stage of a tokenizer: how a text is cut into words, over which no token reaches. */
package dev.kelvin.tokenizer.split;
