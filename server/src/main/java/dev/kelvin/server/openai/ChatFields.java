// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code /v1/chat/completions} is asked.
 *
 * @param topLogProbs most probable tokens to tell with each; −1 for no log-probabilities
 */
record ChatFields(
        Conversation conversation,
        ToolChoice toolChoice,
        boolean parallelToolCalls,
        ResponseFormat format,
        AnswerFields common,
        int topLogProbs) {
    private static final int MOST_LOG_PROBS = 20;

    static ChatFields take(Fields fields, Served served) throws ApiException {
        AnswerFields common = AnswerFields.take(fields, served);
        Conversation conversation = ChatConversation.take(fields);
        ToolChoice choice = ToolFields.choice(fields, true);
        boolean parallel = fields.flag("parallel_tool_calls", true);
        ResponseFormat format = FormatFields.take(fields.object("response_format"), true);
        String grammar = fields.string("grammar");
        if (grammar != null && !format.equals(ResponseFormat.TEXT)) {
            throw ApiException.value("grammar", "'grammar' and 'response_format' contradict each other.");
        }
        int top = topLogProbs(fields);
        fields.only("store", List.of(false));
        fields.map("metadata");
        fields.only("modalities", List.of(List.of("text")));
        fields.only("verbosity", List.of("medium"));
        fields.end();
        return new ChatFields(
                conversation, choice, parallel, grammar == null ? format : ResponseFormat.gbnf(grammar), common, top);
    }

    private static int topLogProbs(Fields fields) throws ApiException {
        boolean wanted = fields.flag("logprobs", false);
        Long top = fields.whole("top_logprobs", 0, MOST_LOG_PROBS);
        if (top != null && top > 0 && !wanted) {
            throw ApiException.value("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.");
        }
        return wanted ? top == null ? 0 : top.intValue() : -1;
    }

    List<ChatRequest> requests() throws ApiException {
        List<ChatRequest> requests = new ArrayList<>();
        try {
            for (int i = 0; i < common.choices(); i++) {
                requests.add(new ChatRequest(
                        conversation,
                        toolChoice,
                        parallelToolCalls,
                        format,
                        common.request(new int[0], i, topLogProbs)));
            }
        } catch (IllegalArgumentException e) {
            throw Failure.refused("tool_choice", e);
        }
        return requests;
    }
}
