// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.generate.Generation;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tokens that a request took, all its answers together; a prompt counts once, however many answers it has. */
final class Usage {
    private final int[] promptTokens;
    private final int[] cachedTokens;
    private long generated;
    private long reasoning;

    /** @param prompts how many there are */
    Usage(int prompts) {
        promptTokens = new int[prompts];
        cachedTokens = new int[prompts];
    }

    /** Counts an answer to a prompt. */
    void add(int prompt, Generation generation, int reasoningTokens) {
        boolean first = promptTokens[prompt] == 0;
        promptTokens[prompt] = generation.promptTokens();
        cachedTokens[prompt] =
                first ? generation.cachedTokens() : Math.min(cachedTokens[prompt], generation.cachedTokens());
        generated += generation.generatedTokens();
        reasoning += reasoningTokens;
    }

    long prompt() {
        return sum(promptTokens);
    }

    long cached() {
        return sum(cachedTokens);
    }

    long generated() {
        return generated;
    }

    long reasoning() {
        return reasoning;
    }

    private static long sum(int[] counts) {
        long sum = 0;
        for (int count : counts) {
            sum += count;
        }
        return sum;
    }

    /** As completions and chats tell it. */
    Map<String, Object> json() {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", prompt());
        usage.put("completion_tokens", generated);
        usage.put("total_tokens", prompt() + generated);
        usage.put("prompt_tokens_details", Map.of("cached_tokens", cached()));
        usage.put("completion_tokens_details", Map.of("reasoning_tokens", reasoning));
        return usage;
    }
}
