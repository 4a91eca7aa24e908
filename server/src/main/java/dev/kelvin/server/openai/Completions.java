// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.server.answer.AnswerEvent;
import dev.kelvin.server.answer.Answers;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.EventStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/completions}: texts continued. */
public final class Completions {
    private final Served served;

    /** Answers with a model. */
    public Completions(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException, IOException, InterruptedException {
        CompletionFields fields = CompletionFields.take(call.fields(), served);
        List<List<GeneratedToken>> scores = fields.scoresPrompts() ? scores(fields) : null;
        Answers answers =
                Answers.ofTexts(served, fields.requests(), fields.common().tellsTokens());
        call.set("Kelvin-Seed", Long.toString(fields.common().seed()));
        try (Call.Watch _ = call.whenGone(answers::cancel)) {
            if (fields.common().stream()) {
                stream(call, fields, answers, choices(fields, answers.count(), scores));
            } else {
                whole(call, fields, answers, choices(fields, answers.count(), scores));
            }
        } finally {
            answers.cancel();
        }
    }

    /** How probable the tokens of each prompt are behind its first; other answers go on meanwhile. */
    private List<List<GeneratedToken>> scores(CompletionFields fields) throws ApiException {
        List<List<GeneratedToken>> scores = new ArrayList<>();
        for (int[] prompt : fields.prompts()) {
            scores.add(served.score(prompt, fields.topLogProbs()));
        }
        return scores;
    }

    private List<CompletionChoice> choices(CompletionFields fields, int count, List<List<GeneratedToken>> scores) {
        List<CompletionChoice> choices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] prompt = fields.prompts().get(i / fields.common().choices());
            choices.add(
                    scores == null
                            ? new CompletionChoice(i, prompt, fields, served.tokenizer())
                            : CompletionChoice.echoing(
                                    i, prompt, scores.get(i / fields.common().choices()), fields, served.tokenizer()));
        }
        return choices;
    }

    private void whole(Call call, CompletionFields fields, Answers answers, List<CompletionChoice> choices)
            throws ApiException, InterruptedException {
        Usage usage = new Usage(fields.prompts().size());
        for (int left = choices.size(); left > 0; ) {
            AnswerEvent event = answers.next();
            choices.get(event.choice()).accept(event);
            switch (event) {
                case AnswerEvent.Failed failed -> throw Failure.told(failed.cause());
                case AnswerEvent.End end -> {
                    usage.add(end.choice() / fields.common().choices(), end.generation(), 0);
                    left--;
                }
                default -> {}
            }
        }
        Map<String, Object> json = Head.of("cmpl-", "text_completion", served).json();
        json.put("choices", choices.stream().map(CompletionChoice::json).toList());
        json.put("usage", usage.json());
        call.json(json);
    }

    private void stream(Call call, CompletionFields fields, Answers answers, List<CompletionChoice> choices)
            throws IOException, InterruptedException {
        Usage usage = new Usage(fields.prompts().size());
        Head head = Head.of("cmpl-", "text_completion", served);
        boolean withUsage = fields.common().includeUsage();
        try (EventStream out = call.events()) {
            for (CompletionChoice choice : choices) {
                if (fields.echo()) {
                    out.send(piece(head, List.of(choice.json()), withUsage));
                }
            }
            for (int left = choices.size(); left > 0; ) {
                AnswerEvent event = answers.next();
                CompletionChoice choice = choices.get(event.choice());
                choice.accept(event);
                switch (event) {
                    case AnswerEvent.Token _, AnswerEvent.Reasoning _, AnswerEvent.Call _ -> {}
                    case AnswerEvent.Text _ -> out.send(piece(head, List.of(choice.json()), withUsage));
                    case AnswerEvent.End end -> {
                        usage.add(end.choice() / fields.common().choices(), end.generation(), 0);
                        out.send(piece(head, List.of(choice.json()), withUsage));
                        left--;
                    }
                    case AnswerEvent.Failed failed -> {
                        out.refuse(Failure.told(failed.cause()));
                        return;
                    }
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
        Map<String, Object> piece = new LinkedHashMap<>(head.json());
        piece.put("choices", choices);
        if (withUsage) {
            piece.put("usage", null);
        }
        return piece;
    }
}
