// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.Message;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.StopReason;

/**
 * What a model answered.
 *
 * @param message its text, reasoning and tool calls
 * @param stopReason why it ended; {@code END_OF_TEXT} also where one tool call was enough
 * @param reasoningTokens how many of the generated tokens are reasoning, with its marks
 * @param generation how many tokens there were, and how long they took
 */
public record ChatAnswer(Message message, StopReason stopReason, int reasoningTokens, Generation generation) {}
