// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.server.answer.Answers;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import dev.kelvin.server.openai.ToolFields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /api/chat}: an answer in a conversation. */
public final class OllamaChat {
    private final Served served;

    /** Answers with a model. */
    public OllamaChat(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException, IOException, InterruptedException {
        Fields fields = call.fields();
        OllamaFields common = OllamaFields.take(fields, served);
        Conversation conversation =
                Conversation.of(OllamaMessages.take(fields)).withTools(ToolFields.take(fields, true));
        ToolChoice choice = ToolFields.choice(fields, true);
        fields.end();
        ChatRequest request;
        try {
            request =
                    new ChatRequest(common.thinking(conversation), choice, true, common.format(), common.generation());
        } catch (IllegalArgumentException e) {
            throw Failure.refused("tool_choice", e);
        }
        Answers answers = Answers.ofChats(served, List.of(request), false);
        new OllamaAnswer(served, common, served.tokenizer().decoder(false, true), OllamaChat::piece)
                .tell(call, answers, common.stream());
    }

    private static Map<String, Object> piece(String text, String thinking, List<ToolCall> calls) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", text);
        if (!thinking.isEmpty()) {
            message.put("thinking", thinking);
        }
        if (!calls.isEmpty()) {
            List<Object> told = new ArrayList<>();
            for (int i = 0; i < calls.size(); i++) {
                Map<String, Object> function = new LinkedHashMap<>();
                function.put("index", i);
                function.put("name", calls.get(i).name());
                function.put("arguments", calls.get(i).arguments());
                Map<String, Object> each = new LinkedHashMap<>();
                each.put("id", calls.get(i).id());
                each.put("function", function);
                told.add(each);
            }
            message.put("tool_calls", told);
        }
        Map<String, Object> piece = new LinkedHashMap<>();
        piece.put("message", message);
        return piece;
    }
}
