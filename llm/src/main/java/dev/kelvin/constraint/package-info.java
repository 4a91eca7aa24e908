// SPDX-License-Identifier: Apache-2.0
/**
 * Output that keeps a grammar. {@link dev.kelvin.constraint.Gbnf} and {@link dev.kelvin.constraint.JsonSchema} read
 * what is asked for and give a {@link dev.kelvin.constraint.Grammar}, or refuse it by name before any token is made. A
 * {@link dev.kelvin.constraint.Constraint} binds a grammar to a vocabulary and gives, after each token, the
 * {@link dev.kelvin.head.TokenMask} of those that may follow.
 *
 * <p><b>Where to begin.</b> For an answer that is JSON, with {@link dev.kelvin.converse.ResponseFormat}. For a grammar
 * of your own, {@code new Constraint(Gbnf.parse(text), TokenTrie.of(tokenizer)).begin()} is what
 * {@link dev.kelvin.generate.GenerationRequest#withConstraint} takes.
 *
 * <p>A grammar is over bytes: a token may end in the middle of a character. What may follow is never computed twice:
 * the sets of stacks that a grammar's machine can be in are kept as the states of an automaton that grows as it is
 * used, and each keeps its mask.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.constraint;
