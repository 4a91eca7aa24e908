// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.head;

/**
 * A sampler of one's own, outside of Kelvin. It looks at the candidates, keeps some of them ({@link Candidates#keepIf})
 * or changes their logits ({@link Candidates#changeLogits}); what it throws ends its answer, and no other.
 *
 * <pre>{@code
 * CustomSampler even = (candidates, _) -> candidates.keepIf(i -> candidates.id(i) % 2 == 0);
 * }</pre>
 *
 * <p>It must be immutable, as it serves many sequences: what it knows of the tokens before comes from the
 * {@link Sampling}, as does chance, so that the same request has the same answer. One that reads the history overrides
 * {@link #readsHistory}.
 */
@FunctionalInterface
public non-sealed interface CustomSampler extends Sampler {}
