// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.ollama;

import dev.kelvin.chat.ToolCall;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.StopReason;
import dev.kelvin.server.answer.AnswerEvent;
import dev.kelvin.server.answer.Answers;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.PendingTokens;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.answer.TokenJson;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.EventStream;
import dev.kelvin.tokenizer.StreamingDecoder;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer as Ollama's interface tells it: as one object, or line by line, with the counts in the last. */
final class OllamaAnswer {
    /** What an endpoint makes of a piece of an answer. */
    @FunctionalInterface
    interface Piece {
        Map<String, Object> of(String text, String thinking, List<ToolCall> calls);
    }

    private final Served served;
    private final Piece piece;
    private final boolean tellsLogProbs;
    private final TokenJson tokenJson;
    private final PendingTokens pending;
    private final List<AnswerEvent.Token> tokens = new ArrayList<>();
    private final long start = System.nanoTime();

    /**
     * An answer of which nothing was told yet.
     *
     * @param decoder that turns its tokens into their text
     */
    OllamaAnswer(Served served, OllamaFields fields, StreamingDecoder decoder, Piece piece) {
        this.served = served;
        this.piece = piece;
        tellsLogProbs = fields.generation().topLogProbs() >= 0;
        tokenJson = new TokenJson(served.tokenizer());
        pending = new PendingTokens(decoder, !fields.generation().stops().isEmpty());
    }

    /** Tells the one answer of {@code answers}. */
    void tell(Call call, Answers answers, boolean stream) throws ApiException, IOException, InterruptedException {
        try (Call.Watch _ = call.whenGone(answers::cancel)) {
            if (stream) {
                stream(call, answers);
            } else {
                whole(call, answers);
            }
        } finally {
            answers.cancel();
        }
    }

    private void whole(Call call, Answers answers) throws ApiException, InterruptedException {
        StringBuilder text = new StringBuilder();
        StringBuilder thinking = new StringBuilder();
        List<ToolCall> calls = new ArrayList<>();
        while (true) {
            switch (answers.next()) {
                case AnswerEvent.Token token -> pending.add(token);
                case AnswerEvent.Text more -> {
                    text.append(more.text());
                    tokens.addAll(pending.with(more.text()));
                }
                case AnswerEvent.Reasoning more -> {
                    thinking.append(more.text());
                    tokens.addAll(pending.with(more.text()));
                }
                case AnswerEvent.Call more -> calls.add(more.call());
                case AnswerEvent.Failed failed -> throw Failure.told(failed.cause());
                case AnswerEvent.End end -> {
                    call.json(last(piece.of(text.toString(), thinking.toString(), calls), end));
                    return;
                }
            }
        }
    }

    private void stream(Call call, Answers answers) throws IOException, InterruptedException {
        try (EventStream out = call.lines()) {
            while (true) {
                switch (answers.next()) {
                    case AnswerEvent.Token token -> pending.add(token);
                    case AnswerEvent.Text more -> {
                        tokens.addAll(pending.with(more.text()));
                        out.send(line(piece.of(more.text(), "", List.of()), false));
                    }
                    case AnswerEvent.Reasoning more -> {
                        tokens.addAll(pending.with(more.text()));
                        out.send(line(piece.of("", more.text(), List.of()), false));
                    }
                    case AnswerEvent.Call more -> out.send(line(piece.of("", "", List.of(more.call())), false));
                    case AnswerEvent.Failed failed -> {
                        out.refuse(Failure.told(failed.cause()));
                        return;
                    }
                    case AnswerEvent.End end -> {
                        out.send(last(piece.of("", "", List.of()), end));
                        return;
                    }
                }
            }
        }
    }

    private Map<String, Object> line(Map<String, Object> content, boolean done) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("model", served.name());
        line.put("created_at", Instant.now().toString());
        line.putAll(content);
        if (tellsLogProbs && !tokens.isEmpty()) {
            line.put("logprobs", tokenJson.content(tokens));
            tokens.clear();
        }
        line.put("done", done);
        return line;
    }

    private Map<String, Object> last(Map<String, Object> content, AnswerEvent.End end) {
        tokens.addAll(pending.rest(end.reason()));
        Map<String, Object> line = line(content, true);
        boolean stopped = end.reason() == StopReason.END_OF_TEXT || end.reason() == StopReason.STOP_TEXT;
        line.put("done_reason", stopped ? "stop" : "length");
        Generation generation = end.generation();
        line.put("total_duration", System.nanoTime() - start);
        line.put("load_duration", 0);
        line.put("prompt_eval_count", generation.promptTokens());
        line.put("prompt_eval_duration", generation.promptNanos());
        line.put("eval_count", generation.generatedTokens());
        line.put("eval_duration", generation.generationNanos());
        return line;
    }
}
