// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.chat.Conversation;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.head.Sampler;
import dev.kelvin.server.answer.SamplerDefaults;
import dev.kelvin.server.answer.SamplerFields;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What {@code /api/generate} and {@code /api/chat} have in common.
 *
 * @param stream whether the answer is told in pieces
 * @param generation how it is computed; its prompt is empty
 * @param format what it has to look like
 * @param think what is said about thinking: a yes, a no, or how long; null for nothing
 */
record OllamaFields(boolean stream, GenerationRequest generation, ResponseFormat format, Object think) {
    private static final int MOST_LOG_PROBS = 20;
    private static final List<Object> THINKS = List.of("low", "medium", "high", true, false);

    static OllamaFields take(Fields fields, Served served) throws ApiException {
        served.checkName(fields.string("model"));
        boolean stream = fields.flag("stream", true);
        fields.value("keep_alive"); // the one model stays
        Object think = fields.value("think");
        if (think != null && !THINKS.contains(think)) {
            throw ApiException.value(fields.name("think"), "'think' must be true, false, low, medium or high.");
        }
        GenerationRequest generation = generation(fields, served).withLogProbs(topLogProbs(fields));
        return new OllamaFields(stream, generation, format(fields), think);
    }

    /** As {@link GenerationRequest} has it. */
    private static int topLogProbs(Fields fields) throws ApiException {
        boolean wanted = fields.flag("logprobs", false);
        int top = fields.whole("top_logprobs", 0, 0, MOST_LOG_PROBS);
        return wanted ? top : -1;
    }

    private static GenerationRequest generation(Fields fields, Served served) throws ApiException {
        Fields given = fields.object("options");
        Fields options = given == null ? Fields.none() : given;
        List<Sampler> samplers = SamplerFields.take(options, SamplerDefaults.OLLAMA, served.tokenizer());
        Long seed = options.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        int most = options.whole("num_predict", -1, -2, Integer.MAX_VALUE);
        // More cannot be asked for, and less would change nothing that is seen.
        options.whole("num_ctx", 1, served.contextLength());
        List<String> stops = options.strings("stop");
        if (stops.contains("")) {
            throw ApiException.value(options.name("stop"), "'" + options.name("stop") + "' must have no empty text.");
        }
        GenerateOptions how = new GenerateOptions(
                most < 0 ? served.contextLength() : most,
                seed == null ? ThreadLocalRandom.current().nextLong(1L << 32) : seed,
                samplers);
        return GenerationRequest.of(new int[0], how).withStops(stops);
    }

    private static ResponseFormat format(Fields fields) throws ApiException {
        Object format = fields.value("format");
        if (format == null || format.equals("")) {
            return ResponseFormat.TEXT;
        }
        if (format.equals("json")) {
            return ResponseFormat.JSON_OBJECT;
        }
        if (!(format instanceof Map<?, ?>)) {
            throw ApiException.value(fields.name("format"), "'format' must be json or a JSON schema.");
        }
        return ResponseFormat.schema(format);
    }

    /** Tells the template what is said about thinking. */
    Conversation thinking(Conversation conversation) {
        if (think == null) {
            return conversation;
        }
        boolean thinks = !Boolean.FALSE.equals(think);
        Conversation told = conversation.withValue("enable_thinking", thinks).withValue("thinking", thinks);
        return think instanceof String effort ? told.withValue("reasoning_effort", effort) : told;
    }
}
