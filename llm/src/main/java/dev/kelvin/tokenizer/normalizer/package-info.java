// SPDX-License-Identifier: Apache-2.0
/** The first stage of a tokenizer: what is changed in a text before it is cut. */
package dev.kelvin.tokenizer.normalizer;
