// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

/**
 * What an interface promises of sampler parameters that a request does not name.
 *
 * @param topK 0 keeps all
 * @param topP 1 keeps all
 * @param repeatPenalty 1 for none
 * @param repeatLastN tokens that penalties look at; −1 for all
 */
public record SamplerDefaults(float temperature, int topK, float topP, float repeatPenalty, int repeatLastN) {
    /** Those of OpenAI's interface: the softmax as it is. */
    public static final SamplerDefaults OPENAI = new SamplerDefaults(1, 0, 1, 1, -1);

    /** Those of Ollama's. */
    public static final SamplerDefaults OLLAMA = new SamplerDefaults(0.8f, 40, 0.9f, 1.1f, 64);
}
