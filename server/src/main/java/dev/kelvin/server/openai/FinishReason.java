// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.generate.StopReason;

/** Why an answer ended, in the words of OpenAI's interface. */
final class FinishReason {
    private FinishReason() {}

    static String of(StopReason reason) {
        return switch (reason) {
            case END_OF_TEXT, STOP_TEXT -> "stop";
            case MAX_TOKENS, CONTEXT_FULL, CANCELLED -> "length";
        };
    }
}
