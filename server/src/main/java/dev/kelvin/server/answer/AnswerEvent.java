// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.chat.ToolCall;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.StopReason;
import dev.kelvin.head.Explanation;

/** What happens to one of the answers of a request. */
public sealed interface AnswerEvent {
    /** Which of them. */
    int choice();

    /**
     * A pick.
     *
     * @param isText whether it belongs to the text for the reader
     * @param explanation how it came about; null unless that was asked for
     */
    record Token(int choice, GeneratedToken token, boolean isText, Explanation explanation) implements AnswerEvent {}

    /** More of the text. */
    record Text(int choice, String text) implements AnswerEvent {}

    /** More of the model's thoughts. */
    record Reasoning(int choice, String text) implements AnswerEvent {}

    /**
     * A tool to be called.
     *
     * @param index of the call in the answer
     */
    record Call(int choice, int index, ToolCall call) implements AnswerEvent {}

    /**
     * The end.
     *
     * @param reasoningTokens of the tokens made
     */
    record End(int choice, StopReason reason, int reasoningTokens, Generation generation) implements AnswerEvent {}

    /** The end, by a failure. */
    record Failed(int choice, Throwable cause) implements AnswerEvent {}
}
