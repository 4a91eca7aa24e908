// SPDX-License-Identifier: Apache-2.0
/**
 * Conversations as text, and back. A {@link dev.kelvin.chat.ChatTemplate} turns messages into the prompt that a model
 * was trained on; an {@link dev.kelvin.chat.AnswerParser} takes what it answers apart into reasoning, text and tool
 * calls, while it comes.
 *
 * <p><b>Where to begin.</b> To talk with a model, with {@link dev.kelvin.converse.Chat}, which uses this. What it takes
 * is made here: a {@link dev.kelvin.chat.Conversation} of {@link dev.kelvin.chat.Message messages} and
 * {@link dev.kelvin.chat.Tool tools}.
 *
 * <p>No parameter and no result in this package is null, unless its documentation says so.
 */
package dev.kelvin.chat;
