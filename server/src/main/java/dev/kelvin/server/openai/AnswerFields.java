// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Sampler;
import dev.kelvin.server.answer.SamplerDefaults;
import dev.kelvin.server.answer.SamplerFields;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What completions and chats have in common.
 *
 * @param choices answers to each prompt
 * @param maxTokens of an answer
 * @param seed of the draws; the answer with index i is drawn as the i-th sequence of it
 * @param samplers the stages
 * @param stops texts that end an answer
 * @param stream whether the answer is told in pieces
 * @param includeUsage whether a last piece tells the tokens used
 * @param tellsTokens whether ids and surprise of tokens are told, which is Kelvin's own
 */
record AnswerFields(
        int choices,
        int maxTokens,
        long seed,
        List<Sampler> samplers,
        List<String> stops,
        boolean stream,
        boolean includeUsage,
        boolean tellsTokens) {
    private static final int MOST_CHOICES = 128;
    private static final int MOST_STOPS = 16;
    private static final int LONGEST_STOP = 1024;

    /** Takes them. */
    static AnswerFields take(Fields fields, Served served) throws ApiException {
        served.checkName(fields.string("model"));
        int choices = fields.whole("n", 1, 1, MOST_CHOICES);
        int maxTokens = maxTokens(fields, served.contextLength());
        Long seed = fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        List<Sampler> samplers = SamplerFields.take(fields, SamplerDefaults.OPENAI, served.tokenizer());
        boolean stream = fields.flag("stream", false);
        boolean includeUsage = includeUsage(fields, stream);
        List<String> stops = stops(fields);
        for (String label : List.of("user", "safety_identifier", "prompt_cache_key")) {
            fields.label(label);
        }
        fields.only("service_tier", List.of("auto", "default"));
        Fields own = fields.object("kelvin");
        boolean tellsTokens = own != null && own.flag("tokens", false);
        if (own != null && own.has("sampler")) {
            samplers = sampler(own, served);
        }
        return new AnswerFields(
                choices,
                maxTokens,
                // One that a person can type again.
                seed == null ? ThreadLocalRandom.current().nextLong(1L << 32) : seed,
                samplers,
                stops,
                stream,
                includeUsage,
                tellsTokens);
    }

    private static int maxTokens(Fields fields, int contextLength) throws ApiException {
        Long most = fields.whole("max_tokens", 0, Integer.MAX_VALUE);
        Long mostNow = fields.whole("max_completion_tokens", 0, Integer.MAX_VALUE);
        if (most != null && mostNow != null && !most.equals(mostNow)) {
            throw ApiException.value(
                    fields.name("max_tokens"), "'max_tokens' and 'max_completion_tokens' are the same thing.");
        }
        Long given = mostNow == null ? most : mostNow;
        return given == null ? contextLength : given.intValue();
    }

    private static boolean includeUsage(Fields fields, boolean stream) throws ApiException {
        Fields options = fields.object("stream_options");
        if (options == null) {
            return false;
        }
        if (!stream) {
            throw ApiException.value(
                    fields.name("stream_options"), "'stream_options' is only allowed when 'stream' is true.");
        }
        options.only("include_obfuscation", List.of(false));
        return options.flag("include_usage", false);
    }

    static List<String> stops(Fields fields) throws ApiException {
        List<String> stops = fields.strings("stop");
        String name = fields.name("stop");
        if (stops.size() > MOST_STOPS) {
            throw ApiException.value(name, "'" + name + "' must have at most " + MOST_STOPS + " texts.");
        }
        for (String stop : stops) {
            if (stop.isEmpty() || stop.length() > LONGEST_STOP) {
                throw ApiException.value(
                        name, "'" + name + "' must have texts of 1 to " + LONGEST_STOP + " characters.");
            }
        }
        return stops;
    }

    /** A chain in Kelvin's own words instead of the parameters. */
    private static List<Sampler> sampler(Fields own, Served served) throws ApiException {
        try {
            var chain = SamplerLanguage.parse(own.requiredString("sampler"));
            if (SamplerLanguage.largestId(chain) >= served.tokenizer().vocabSize()) {
                throw new IllegalArgumentException("an id is outside the vocabulary");
            }
            return SamplerLanguage.withBreakers(chain, served.tokenizer()).samplers();
        } catch (IllegalArgumentException e) {
            throw ApiException.value("kelvin.sampler", "'kelvin.sampler': " + e.getMessage() + ".");
        }
    }

    /**
     * How to answer a prompt.
     *
     * @param choice which of the answers to it
     * @param topLogProbs as {@link GenerationRequest} has it
     */
    GenerationRequest request(int[] prompt, int choice, int topLogProbs) {
        int told = tellsTokens ? Math.max(0, topLogProbs) : topLogProbs;
        return GenerationRequest.of(prompt, new GenerateOptions(maxTokens, seed, samplers))
                .withSequence(choice)
                .withStops(stops)
                .withLogProbs(told);
    }
}
