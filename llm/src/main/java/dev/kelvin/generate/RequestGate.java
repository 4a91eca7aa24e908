// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.SamplerChain;
import dev.kelvin.plan.Sizes;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Looks at requests before they wait, on the thread of whoever asks: what cannot be answered is refused there. */
final class RequestGate {
    private final Tokenizer tokenizer;
    private final Sizes sizes;
    private final int contextLength;
    private final long kvBytes;
    private final Runnable wake;

    /**
     * A gate.
     *
     * @param contextLength positions that there is memory for
     * @param kvBytes which is so large
     * @param wake has the engine look at its tasks
     * @throws IllegalArgumentException if tokenizer and model have vocabularies of different sizes
     */
    RequestGate(Tokenizer tokenizer, Sizes sizes, int contextLength, long kvBytes, Runnable wake) {
        this.tokenizer = Objects.requireNonNull(tokenizer, "tokenizer");
        this.sizes = sizes;
        this.contextLength = contextLength;
        this.kvBytes = kvBytes;
        this.wake = wake;
        if (tokenizer.vocabSize() != sizes.vocabSize()) {
            throw new IllegalArgumentException("generate: the tokenizer has " + tokenizer.vocabSize()
                    + " tokens, but the model's vocabSize is " + sizes.vocabSize());
        }
    }

    /** Lets requests in, or refuses all of them as {@link Engine#submitAll} says. */
    List<ActiveGeneration> check(List<GenerationRequest> requests, List<GenerationListener> listeners) {
        if (requests.size() != listeners.size()) {
            throw new IllegalArgumentException(
                    "generate: " + requests.size() + " requests, but " + listeners.size() + " listeners");
        }
        List<ActiveGeneration> all = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            all.add(check(requests.get(i), listeners.get(i)));
        }
        return all;
    }

    private ActiveGeneration check(GenerationRequest request, GenerationListener listener) {
        Objects.requireNonNull(listener, "listener");
        int[] prompt = startingIds(request.prompt());
        checkPrompt(prompt);
        SamplerChain chain =
                Tokenizers.samplerChain(tokenizer, request.options().samplers());
        return new ActiveGeneration(request, prompt, chain, tokenizer, listener, new GenerationTask(wake));
    }

    private int[] startingIds(int[] prompt) {
        if (prompt.length > 0) {
            return prompt;
        }
        if (tokenizer.bosId() < 0) {
            throw new IllegalArgumentException(
                    "generate: the prompt is empty, and the vocabulary has no BOS token to start from");
        }
        return new int[] {tokenizer.bosId()};
    }

    private void checkPrompt(int[] ids) {
        if (ids.length > sizes.contextLength()) {
            throw new IllegalArgumentException("generate: a prompt of " + ids.length
                    + " tokens does not fit the model's context of " + sizes.contextLength());
        }
        if (ids.length > contextLength) {
            throw new IllegalArgumentException("generate: a prompt of " + ids.length
                    + " tokens does not fit the memory for keys and values: its " + kvBytes
                    + " bytes have room for " + contextLength + " tokens (EngineLimits.kvBytes)");
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= sizes.vocabSize()) {
                throw new IllegalArgumentException("generate: prompt[" + i + "] is " + ids[i]
                        + ", outside the vocabulary [0, " + sizes.vocabSize() + ")");
            }
        }
    }
}
