// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.server.answer.AnswerEvent;
import dev.kelvin.server.answer.PendingTokens;
import dev.kelvin.server.answer.TokenJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The items of a response while they come, and the events that tell of them. */
final class ResponseOutput {
    /** Takes an event; its type is one of its fields too. */
    @FunctionalInterface
    interface Sink {
        void send(String type, Map<String, Object> fields) throws IOException;
    }

    /** What of an item is streamed: the part of a message, or that of thoughts. */
    private enum Kind {
        MESSAGE("message", "msg_", "output_text", "response.output_text"),
        REASONING("reasoning", "rs_", "reasoning_text", "response.reasoning_text");

        private final String type;
        private final String prefix;
        private final String part;
        private final String event;

        Kind(String type, String prefix, String part, String event) {
            this.type = type;
            this.prefix = prefix;
            this.part = part;
            this.event = event;
        }
    }

    private final Sink sink;
    private final boolean logProbs;
    private final TokenJson tokenJson;
    private final PendingTokens pending;
    private final List<Object> items = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final List<ToolCall> calls = new ArrayList<>();

    /** Of the open item. */
    private Kind kind;

    private String id;
    private final StringBuilder open = new StringBuilder();
    private final List<AnswerEvent.Token> tokens = new ArrayList<>();

    ResponseOutput(Sink sink, boolean logProbs, TokenJson tokenJson, PendingTokens pending) {
        this.sink = sink;
        this.logProbs = logProbs;
        this.tokenJson = tokenJson;
        this.pending = pending;
    }

    void accept(AnswerEvent event) throws IOException {
        switch (event) {
            case AnswerEvent.Token token -> pending.add(token);
            case AnswerEvent.Text piece -> {
                text.append(piece.text());
                piece(Kind.MESSAGE, piece.text());
            }
            case AnswerEvent.Reasoning piece -> {
                reasoning.append(piece.text());
                piece(Kind.REASONING, piece.text());
            }
            case AnswerEvent.Call call -> call(call.call());
            case AnswerEvent.End end -> {
                tokens.addAll(pending.rest(end.reason()));
                if (items.isEmpty() && kind == null) {
                    begin(Kind.MESSAGE); // an answer without a word is one too
                }
                finish();
            }
            case AnswerEvent.Failed _ -> {}
        }
    }

    /** The items so far. */
    List<Object> items() {
        return items;
    }

    /** The answer as a message of the conversation. */
    Message message() {
        return new Message(Role.ASSISTANT, text.toString(), reasoning.toString(), calls, "", "");
    }

    private void piece(Kind of, String piece) throws IOException {
        if (kind != of) {
            finish();
            begin(of);
        }
        open.append(piece);
        List<AnswerEvent.Token> told = pending.with(piece);
        tokens.addAll(told);
        Map<String, Object> delta = place();
        delta.put("delta", piece);
        if (of == Kind.MESSAGE) {
            delta.put("logprobs", logProbs ? tokenJson.content(told) : List.of());
        }
        sink.send(of.event + ".delta", delta);
    }

    private void begin(Kind of) throws IOException {
        kind = of;
        id = Head.newId(of.prefix);
        sink.send("response.output_item.added", item(items.size(), open("in_progress", List.of())));
        Map<String, Object> part = place();
        part.put("part", part(""));
        sink.send("response.content_part.added", part);
    }

    private void finish() throws IOException {
        if (kind == null) {
            return;
        }
        Map<String, Object> done = place();
        done.put("text", open.toString());
        if (kind == Kind.MESSAGE) {
            done.put("logprobs", logProbs ? tokenJson.content(tokens) : List.of());
        }
        sink.send(kind.event + ".done", done);
        Map<String, Object> part = place();
        part.put("part", part(open.toString()));
        sink.send("response.content_part.done", part);
        Map<String, Object> item = open("completed", List.of(part(open.toString())));
        sink.send("response.output_item.done", item(items.size(), item));
        items.add(item);
        kind = null;
        open.setLength(0);
        tokens.clear();
    }

    private Map<String, Object> place() {
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("item_id", id);
        place.put("output_index", items.size());
        place.put("content_index", 0);
        return place;
    }

    private Map<String, Object> open(String status, List<?> content) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("id", id);
        item.put("type", kind.type);
        item.put("status", status);
        if (kind == Kind.MESSAGE) {
            item.put("role", "assistant");
        } else {
            item.put("summary", List.of());
        }
        item.put("content", content);
        return item;
    }

    private Map<String, Object> part(String content) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("type", kind.part);
        part.put("text", content);
        if (kind == Kind.MESSAGE) {
            part.put("annotations", List.of());
            part.put("logprobs", logProbs ? tokenJson.content(tokens) : List.of());
        }
        return part;
    }

    private static Map<String, Object> item(int index, Map<String, Object> item) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output_index", index);
        fields.put("item", item);
        return fields;
    }

    private void call(ToolCall call) throws IOException {
        finish();
        calls.add(call);
        id = Head.newId("fc_");
        String arguments = JsonWriter.write(call.arguments());
        sink.send("response.output_item.added", item(items.size(), call(call, "in_progress", "")));
        Map<String, Object> delta = place();
        delta.remove("content_index");
        delta.put("delta", arguments);
        sink.send("response.function_call_arguments.delta", delta);
        Map<String, Object> done = place();
        done.remove("content_index");
        done.put("name", call.name());
        done.put("arguments", arguments);
        sink.send("response.function_call_arguments.done", done);
        Map<String, Object> item = call(call, "completed", arguments);
        sink.send("response.output_item.done", item(items.size(), item));
        items.add(item);
    }

    private Map<String, Object> call(ToolCall call, String status, String arguments) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("id", id);
        item.put("type", "function_call");
        item.put("status", status);
        item.put("call_id", call.id());
        item.put("name", call.name());
        item.put("arguments", arguments);
        return item;
    }
}
