// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.List;
import java.util.Optional;

/**
 * The marks around what a model thinks before it answers.
 *
 * @param open before it
 * @param close behind it
 */
public record ReasoningMarks(String open, String close) {
    /** All that there are. */
    static final List<ReasoningMarks> ALL = List.of(
            new ReasoningMarks("<think>", "</think>"),
            new ReasoningMarks("<thinking>", "</thinking>"),
            new ReasoningMarks("<seed:think>", "</seed:think>"),
            new ReasoningMarks("[THINK]", "[/THINK]"),
            new ReasoningMarks("<|START_THINKING|>", "<|END_THINKING|>"),
            new ReasoningMarks("<|inner_prefix|>", "<|inner_suffix|>"));

    /** Those that a template speaks of. */
    public static Optional<ReasoningMarks> of(ChatTemplate template) {
        return ALL.stream()
                .filter(marks -> template.mentions(marks.open) || template.mentions(marks.close))
                .findFirst();
    }

    /** Whether a prompt ends where thoughts have begun. */
    public boolean begunIn(String prompt) {
        return prompt.stripTrailing().endsWith(open);
    }

    /** Whether a prompt ends where thoughts have ended. */
    public boolean endedIn(String prompt) {
        return prompt.stripTrailing().endsWith(close);
    }
}
