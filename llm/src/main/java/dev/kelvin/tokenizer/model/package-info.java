// SPDX-License-Identifier: Apache-2.0
/** The third stage of a tokenizer: from a word to ids. */
package dev.kelvin.tokenizer.model;
