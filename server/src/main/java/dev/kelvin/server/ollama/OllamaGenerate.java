// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.server.answer.Answers;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import dev.kelvin.tokenizer.StreamingDecoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code POST /api/generate}: an answer to a prompt by the model's template, or the prompt continued, if it is
 * {@code raw} or the model has no template.
 */
public final class OllamaGenerate {
    private final Served served;

    /** Answers with a model. */
    public OllamaGenerate(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException, IOException, InterruptedException {
        Fields fields = call.fields();
        OllamaFields common = OllamaFields.take(fields, served);
        String given = fields.string("prompt");
        String prompt = given == null ? "" : given;
        String system = fields.string("system");
        boolean raw = fields.flag("raw", false);
        for (String empty : List.of("suffix", "template")) {
            fields.only(empty, List.of(""));
        }
        for (String none : List.of("images", "context")) {
            fields.only(none, List.of(List.of()));
        }
        fields.end();
        boolean bare = served.writes() && served.chat().style().standIn().isPresent();
        boolean plain = raw || (bare && system == null && common.format().equals(ResponseFormat.TEXT));
        if (plain) {
            continued(call, prompt, common);
        } else {
            Answers answers = answered(prompt, system, common);
            new OllamaAnswer(served, common, served.tokenizer().decoder(false, true), OllamaGenerate::piece)
                    .tell(call, answers, common.stream());
        }
    }

    private void continued(Call call, String prompt, OllamaFields common)
            throws ApiException, IOException, InterruptedException {
        if (!common.format().equals(ResponseFormat.TEXT)) {
            throw ApiException.unsupported("format", "'format' together with 'raw' is not supported.");
        }
        int[] ids;
        try {
            ids = Tokenizers.promptIds(served.tokenizer(), prompt, true);
        } catch (IllegalArgumentException e) {
            throw Failure.refused("prompt", e);
        }
        Answers answers = Answers.ofTexts(served, List.of(common.generation().withPrompt(ids)), false);
        StreamingDecoder decoder = served.tokenizer()
                .decoder(ids.length == 1 && ids[0] == served.tokenizer().bosId());
        new OllamaAnswer(served, common, decoder, OllamaGenerate::piece).tell(call, answers, common.stream());
    }

    private Answers answered(String prompt, String system, OllamaFields common) throws ApiException {
        List<Message> messages = new ArrayList<>();
        if (system != null && !system.isEmpty()) {
            messages.add(Message.system(system));
        }
        messages.add(Message.user(prompt));
        ChatRequest request = new ChatRequest(
                common.thinking(Conversation.of(messages)),
                ToolChoice.AUTO,
                true,
                common.format(),
                common.generation());
        return Answers.ofChats(served, List.of(request), false);
    }

    private static Map<String, Object> piece(String text, String thinking, List<ToolCall> calls) {
        Map<String, Object> piece = new LinkedHashMap<>();
        piece.put("response", text);
        if (!thinking.isEmpty()) {
            piece.put("thinking", thinking);
        }
        return piece;
    }
}
