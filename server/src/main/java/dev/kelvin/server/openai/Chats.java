// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.converse.ChatRequest;
import dev.kelvin.server.answer.AnswerEvent;
import dev.kelvin.server.answer.Answers;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.EventStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/chat/completions}: answers in conversations. */
public final class Chats {
    private final Served served;

    /** Answers with a model. */
    public Chats(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException, IOException, InterruptedException {
        ChatFields fields = ChatFields.take(call.fields(), served);
        List<ChatRequest> requests = fields.requests();
        boolean tellsTokens = fields.common().tellsTokens();
        Answers answers = Answers.ofChats(served, requests, tellsTokens);
        call.set("Kelvin-Seed", Long.toString(fields.common().seed()));
        int[] prompt = tellsTokens ? served.chat().promptIds(requests.getFirst()) : null;
        List<ChatChoice> choices = new ArrayList<>();
        for (int i = 0; i < answers.count(); i++) {
            choices.add(new ChatChoice(i, prompt, fields, served.tokenizer()));
        }
        try (Call.Watch _ = call.whenGone(answers::cancel)) {
            if (fields.common().stream()) {
                stream(call, choices, answers, fields.common().includeUsage());
            } else {
                whole(call, choices, answers);
            }
        } finally {
            answers.cancel();
        }
    }

    private void whole(Call call, List<ChatChoice> choices, Answers answers) throws ApiException, InterruptedException {
        Usage usage = new Usage(1);
        for (int left = choices.size(); left > 0; ) {
            AnswerEvent event = answers.next();
            choices.get(event.choice()).accept(event);
            if (event instanceof AnswerEvent.Failed failed) {
                throw Failure.told(failed.cause());
            }
            if (event instanceof AnswerEvent.End end) {
                usage.add(0, end.generation(), end.reasoningTokens());
                left--;
            }
        }
        Map<String, Object> json =
                Head.of("chatcmpl-", "chat.completion", served).json();
        json.put("choices", choices.stream().map(ChatChoice::whole).toList());
        json.put("usage", usage.json());
        call.json(json);
    }

    private void stream(Call call, List<ChatChoice> choices, Answers answers, boolean withUsage)
            throws IOException, InterruptedException {
        Usage usage = new Usage(1);
        Head head = Head.of("chatcmpl-", "chat.completion.chunk", served);
        try (EventStream out = call.events()) {
            for (ChatChoice choice : choices) {
                out.send(piece(head, List.of(choice.piece()), withUsage));
            }
            for (int left = choices.size(); left > 0; ) {
                AnswerEvent event = answers.next();
                ChatChoice choice = choices.get(event.choice());
                if (event instanceof AnswerEvent.Failed failed) {
                    out.refuse(Failure.told(failed.cause()));
                    return;
                }
                if (choice.accept(event)) {
                    out.send(piece(head, List.of(choice.piece()), withUsage));
                }
                if (event instanceof AnswerEvent.End end) {
                    usage.add(0, end.generation(), end.reasoningTokens());
                    left--;
                }
            }
            if (withUsage) {
                Map<String, Object> last = head.json();
                last.put("choices", List.of());
                last.put("usage", usage.json());
                out.send(last);
            }
            out.done();
        }
    }

    private static Map<String, Object> piece(Head head, List<?> choices, boolean withUsage) {
        Map<String, Object> piece = head.json();
        piece.put("choices", choices);
        if (withUsage) {
            piece.put("usage", null);
        }
        return piece;
    }
}
