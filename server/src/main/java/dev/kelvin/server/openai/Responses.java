// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

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
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/responses}, and {@code GET} and {@code DELETE /v1/responses/ID} of what was kept. */
public final class Responses {
    private final Served served;
    private final ResponseStore stored;

    /** Answers with a model. */
    public Responses(Served served, ResponseStore stored) {
        this.served = served;
        this.stored = stored;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException, IOException, InterruptedException {
        ResponseFields fields = ResponseFields.take(call.fields(), served, stored);
        Answers answers = Answers.ofChats(served, List.of(fields.request()), false);
        call.set(
                "Kelvin-Seed",
                Long.toString(fields.request().generation().options().seed()));
        Head head = Head.of("resp_", "response", served);
        try (Call.Watch _ = call.whenGone(answers::cancel)) {
            if (fields.stream()) {
                stream(call, fields, head, answers);
            } else {
                whole(call, fields, head, answers);
            }
        } finally {
            answers.cancel();
        }
    }

    /** Tells what was kept. */
    public void get(Call call) throws ApiException {
        call.json(stored.json(call.path()));
    }

    /** Forgets what was kept. */
    public void delete(Call call) throws ApiException {
        stored.forget(call.path());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", call.path());
        json.put("object", "response");
        json.put("deleted", true);
        call.json(json);
    }

    private ResponseOutput output(ResponseFields fields, ResponseOutput.Sink sink) {
        boolean stops = !fields.request().generation().stops().isEmpty();
        return new ResponseOutput(
                sink,
                fields.logProbs(),
                new TokenJson(served.tokenizer()),
                new PendingTokens(served.tokenizer().decoder(false, true), stops));
    }

    private void whole(Call call, ResponseFields fields, Head head, Answers answers)
            throws ApiException, IOException, InterruptedException {
        ResponseOutput output = output(fields, (_, _) -> {});
        while (true) {
            AnswerEvent event = answers.next();
            output.accept(event);
            if (event instanceof AnswerEvent.Failed failed) {
                throw Failure.told(failed.cause());
            }
            if (event instanceof AnswerEvent.End end) {
                call.json(ended(fields, head, output, end));
                return;
            }
        }
    }

    private void stream(Call call, ResponseFields fields, Head head, Answers answers)
            throws IOException, InterruptedException {
        try (EventStream out = call.events()) {
            int[] number = {0};
            ResponseOutput.Sink sink = (type, content) -> {
                Map<String, Object> event = new LinkedHashMap<>();
                event.put("type", type);
                event.put("sequence_number", number[0]++);
                event.putAll(content);
                out.send(type, event);
            };
            ResponseOutput output = output(fields, sink);
            Map<String, Object> begun = json(fields, head, "in_progress", List.of());
            sink.send("response.created", Map.of("response", begun));
            sink.send("response.in_progress", Map.of("response", begun));
            while (true) {
                AnswerEvent event = answers.next();
                output.accept(event);
                if (event instanceof AnswerEvent.Failed failed) {
                    Map<String, Object> json = json(fields, head, "failed", output.items());
                    ApiException told = Failure.told(failed.cause());
                    json.put("error", Map.of("code", "server_error", "message", told.getMessage()));
                    sink.send("response.failed", Map.of("response", json));
                    return;
                }
                if (event instanceof AnswerEvent.End end) {
                    Map<String, Object> json = ended(fields, head, output, end);
                    sink.send("response." + json.get("status"), Map.of("response", json));
                    return;
                }
            }
        }
    }

    /** The answer at its end, which is kept if that is wanted. */
    private Map<String, Object> ended(ResponseFields fields, Head head, ResponseOutput output, AnswerEvent.End end) {
        boolean whole = end.reason() == StopReason.END_OF_TEXT || end.reason() == StopReason.STOP_TEXT;
        Map<String, Object> json = json(fields, head, whole ? "completed" : "incomplete", output.items());
        if (!whole) {
            json.put("incomplete_details", Map.of("reason", "max_output_tokens"));
        }
        json.put("usage", usage(end.generation(), end.reasoningTokens()));
        if (fields.store() && end.reason() != StopReason.CANCELLED) {
            stored.keep(head.id(), fields.history(), output.message(), json);
        }
        return json;
    }

    private static Map<String, Object> json(ResponseFields fields, Head head, String status, List<?> items) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", head.id());
        json.put("object", "response");
        json.put("created_at", head.created());
        json.put("status", status);
        json.put("error", null);
        json.put("incomplete_details", null);
        json.put("model", head.model());
        json.put("output", List.copyOf(items));
        json.putAll(fields.echo());
        json.put("usage", null);
        json.put("system_fingerprint", head.fingerprint());
        return json;
    }

    private static Map<String, Object> usage(Generation generation, int reasoningTokens) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("input_tokens", generation.promptTokens());
        usage.put("input_tokens_details", Map.of("cached_tokens", generation.cachedTokens()));
        usage.put("output_tokens", generation.generatedTokens());
        usage.put("output_tokens_details", Map.of("reasoning_tokens", reasoningTokens));
        usage.put("total_tokens", generation.promptTokens() + generation.generatedTokens());
        return usage;
    }
}
