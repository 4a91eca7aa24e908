// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.Generation;

/** What happens to one of the answers of a request. */
public sealed interface AnswerEvent {
    /** Which of them. */
    int choice();

    /** A pick. */
    record Token(int choice, GeneratedToken token) implements AnswerEvent {}

    /** More of the text. */
    record Text(int choice, String text) implements AnswerEvent {}

    /** The end. */
    record End(int choice, Generation generation) implements AnswerEvent {}

    /** The end, by a failure. */
    record Failed(int choice, Throwable cause) implements AnswerEvent {}
}
