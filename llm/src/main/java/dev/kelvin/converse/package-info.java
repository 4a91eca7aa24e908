// SPDX-License-Identifier: Apache-2.0
/**
 * Conversations with a model. A {@link dev.kelvin.converse.Chat} turns messages, tools and the form that is asked of an
 * answer into a request of an engine, and what the engine tells into reasoning, text and tool calls.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.converse.Chat#of Chat.of(kelvin)}, a
 * {@link dev.kelvin.converse.ChatRequest}, and a {@link dev.kelvin.converse.ChatListener} that is told the answer.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.converse;
