// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.StopReason;
import dev.kelvin.server.answer.AnswerEvent;
import dev.kelvin.server.answer.PendingTokens;
import dev.kelvin.server.answer.TokenJson;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One answer of a chat, which tells what came since it was last asked. */
final class ChatChoice {
    private final int index;
    private final ChatFields fields;
    private final TokenJson tokenJson;
    private final PendingTokens pending;
    private final int[] prompt;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder reasoning = new StringBuilder();
    private final List<Object> calls = new ArrayList<>();
    private final List<AnswerEvent.Token> tokens = new ArrayList<>();
    private StopReason reason;
    private boolean called;
    private boolean begun;
    private boolean promptTold;

    /**
     * An answer of which nothing was told yet.
     *
     * @param prompt its ids; null if they are not told
     */
    ChatChoice(int index, int[] prompt, ChatFields fields, Tokenizer tokenizer) {
        this.index = index;
        this.fields = fields;
        this.prompt = prompt;
        tokenJson = new TokenJson(tokenizer);
        pending = new PendingTokens(
                tokenizer.decoder(false, true), !fields.common().stops().isEmpty());
    }

    /** Takes an event; whether there is something to tell of it at once. */
    boolean accept(AnswerEvent event) {
        switch (event) {
            case AnswerEvent.Token token -> {
                pending.add(token);
                return false;
            }
            case AnswerEvent.Text piece -> told(text, piece.text());
            case AnswerEvent.Reasoning piece -> told(reasoning, piece.text());
            case AnswerEvent.Call call -> {
                called = true;
                calls.add(call(call.index(), call.call()));
            }
            case AnswerEvent.End end -> {
                reason = end.reason();
                tokens.addAll(pending.rest(reason));
            }
            case AnswerEvent.Failed _ -> {}
        }
        return true;
    }

    private void told(StringBuilder to, String piece) {
        to.append(piece);
        tokens.addAll(pending.with(piece));
    }

    private static Map<String, Object> call(int index, ToolCall call) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", JsonWriter.write(call.arguments()));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("index", index);
        json.put("id", call.id());
        json.put("type", "function");
        json.put("function", function);
        return json;
    }

    /** What came since it was last asked, as a piece of a stream. */
    Map<String, Object> piece() {
        Map<String, Object> delta = new LinkedHashMap<>();
        if (!begun) {
            begun = true;
            delta.put("role", "assistant");
            delta.put("content", text.toString());
        } else if (!text.isEmpty()) {
            delta.put("content", text.toString());
        }
        if (!reasoning.isEmpty()) {
            delta.put("reasoning_content", reasoning.toString());
        }
        if (!calls.isEmpty()) {
            delta.put("tool_calls", List.copyOf(calls));
        }
        return choice("delta", delta);
    }

    /** The whole answer. */
    Map<String, Object> whole() {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", text.isEmpty() && called ? null : text.toString());
        message.put("refusal", null);
        if (!reasoning.isEmpty()) {
            message.put("reasoning_content", reasoning.toString());
        }
        if (!calls.isEmpty()) {
            message.put("tool_calls", List.copyOf(calls));
        }
        return choice("message", message);
    }

    private Map<String, Object> choice(String name, Map<String, Object> content) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("index", index);
        json.put(name, content);
        if (fields.topLogProbs() < 0) {
            json.put("logprobs", null);
        } else {
            Map<String, Object> logProbs = new LinkedHashMap<>();
            logProbs.put("content", tokenJson.content(tokens));
            logProbs.put("refusal", null);
            json.put("logprobs", logProbs);
        }
        json.put("finish_reason", reason == null ? null : finishReason());
        if (fields.common().tellsTokens()) {
            json.put("kelvin", tokenJson.own(promptTold ? null : prompt, tokens));
            promptTold = true;
        }
        text.setLength(0);
        reasoning.setLength(0);
        calls.clear();
        tokens.clear();
        return json;
    }

    private String finishReason() {
        String found = FinishReason.of(reason);
        return called && found.equals("stop") ? "tool_calls" : found;
    }
}
