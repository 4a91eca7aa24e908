// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.head.Sampler;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.SamplerDefaults;
import dev.kelvin.server.answer.SamplerFields;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What {@code /v1/responses} is asked.
 *
 * @param request with the whole conversation
 * @param history messages so far, which a later request may go on from: those without the instructions
 * @param stream whether the answer is told in pieces
 * @param store whether the answer is kept
 * @param logProbs whether log-probabilities are told
 * @param echo the fields that the answer repeats
 */
record ResponseFields(
        ChatRequest request,
        List<Message> history,
        boolean stream,
        boolean store,
        boolean logProbs,
        Map<String, Object> echo) {
    private static final String LOG_PROBS = "message.output_text.logprobs";
    private static final int MOST_LOG_PROBS = 20;

    /**
     * Takes it.
     *
     * @param stored what was kept of earlier answers
     */
    static ResponseFields take(Fields fields, Served served, ResponseStore stored) throws ApiException {
        served.checkName(fields.string("model"));
        String instructions = fields.string("instructions");
        String previous = fields.string("previous_response_id");
        List<Message> history = new ArrayList<>(previous == null ? List.of() : stored.history(previous));
        history.addAll(InputItems.take(fields));
        List<Message> messages = new ArrayList<>(history);
        if (instructions != null) {
            messages.addFirst(Message.system(instructions));
        }
        Object toolList = fields.value("tools");
        Object choiceValue = fields.value("tool_choice");
        Conversation conversation = Conversation.of(messages).withTools(ToolFields.take(fields, false));
        Fields reasoning = fields.object("reasoning");
        String effort = null;
        if (reasoning != null) {
            effort = ChatConversation.effort(reasoning, "effort");
            reasoning.only("summary", List.of("auto"));
            reasoning.only("generate_summary", List.of("auto"));
        }
        conversation = ChatConversation.withEffort(conversation, effort);
        ToolChoice choice = ToolFields.choice(fields, false);
        boolean parallel = fields.flag("parallel_tool_calls", true);
        Fields text = fields.object("text");
        Object formatValue = text == null ? null : text.value("format");
        ResponseFormat format = text == null ? ResponseFormat.TEXT : FormatFields.take(text.object("format"), false);
        if (text != null) {
            text.only("verbosity", List.of("medium"));
        }
        boolean logProbs = fields.strings("include").contains(LOG_PROBS);
        fields.only("include", List.of(List.of(), List.of(LOG_PROBS)));
        Map<String, Object> echo = new LinkedHashMap<>();
        GenerationRequest generation = generation(fields, served, logProbs, echo);
        boolean stream = fields.flag("stream", false);
        boolean store = fields.flag("store", true);
        Map<String, Object> metadata = fields.map("metadata");
        labels(fields);
        fields.end();
        echo.put("instructions", instructions);
        echo.put("previous_response_id", previous);
        echo.put("parallel_tool_calls", parallel);
        echo.put("tools", toolList == null ? List.of() : toolList);
        echo.put("tool_choice", choiceValue == null ? "auto" : choiceValue);
        echo.put("text", Map.of("format", formatValue == null ? Map.of("type", "text") : formatValue));
        Map<String, Object> effortEcho = new LinkedHashMap<>();
        effortEcho.put("effort", effort);
        effortEcho.put("summary", null);
        echo.put("reasoning", effortEcho);
        echo.put("store", store);
        echo.put("metadata", metadata == null ? Map.of() : metadata);
        echo.put("truncation", "disabled");
        try {
            ChatRequest request = new ChatRequest(conversation, choice, parallel, format, generation);
            return new ResponseFields(request, history, stream, store, logProbs, echo);
        } catch (IllegalArgumentException e) {
            throw Failure.refused("tool_choice", e);
        }
    }

    private static GenerationRequest generation(
            Fields fields, Served served, boolean logProbs, Map<String, Object> echo) throws ApiException {
        List<Sampler> samplers = SamplerFields.take(fields, SamplerDefaults.OPENAI, served.tokenizer());
        Long most = fields.whole("max_output_tokens", 1, Integer.MAX_VALUE);
        Long seed = fields.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        int top = fields.whole("top_logprobs", 0, 0, MOST_LOG_PROBS);
        if (top > 0 && !logProbs) {
            throw ApiException.value("top_logprobs", "'top_logprobs' takes '" + LOG_PROBS + "' in 'include'.");
        }
        Object temperature = fields.value("temperature");
        Object topP = fields.value("top_p");
        echo.put("max_output_tokens", most);
        echo.put("temperature", temperature == null ? 1 : temperature);
        echo.put("top_p", topP == null ? 1 : topP);
        echo.put("top_logprobs", top);
        GenerateOptions options = new GenerateOptions(
                most == null ? served.contextLength() : most.intValue(),
                seed == null ? ThreadLocalRandom.current().nextLong(1L << 32) : seed,
                samplers);
        return GenerationRequest.of(new int[0], options)
                .withStops(AnswerFields.stops(fields))
                .withLogProbs(logProbs ? top : -1);
    }

    private static void labels(Fields fields) throws ApiException {
        for (String label : List.of("user", "safety_identifier", "prompt_cache_key")) {
            fields.label(label);
        }
        fields.only("service_tier", List.of("auto", "default"));
        fields.only("truncation", List.of("disabled"));
        fields.only("background", List.of(false));
        Fields options = fields.object("stream_options");
        if (options != null) {
            options.only("include_obfuscation", List.of(false));
        }
    }
}
