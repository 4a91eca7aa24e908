// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * A token and the logarithm of its probability.
 *
 * @param id of the token
 * @param logProb ln p in nats, at most 0; −∞ for probability 0
 */
public record TokenLogProb(int id, float logProb) {}
