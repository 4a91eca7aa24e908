// SPDX-License-Identifier: Apache-2.0
/** From the hidden state of the last layer to a token: projection to the vocabulary, samplers, draws. */
package dev.kelvin.head;
