// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.TokenLogProb;
import java.util.List;

/**
 * A token that was picked.
 *
 * @param id of the token
 * @param logProb its log-probability at τ = 1 before any sampler, in nats; NaN where none was asked for
 * @param top the most probable tokens in the same sense, most probable first
 */
public record GeneratedToken(int id, float logProb, List<TokenLogProb> top) {}
