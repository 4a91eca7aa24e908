// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Explanation;
import dev.kelvin.head.TokenLogProb;
import dev.kelvin.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokens and their log-probabilities, as OpenAI's interface tells them and as Kelvin's own does. */
public final class TokenJson {
    /** What stands for −∞, which JSON cannot say. */
    private static final float LEAST = -9999;

    private final Tokenizer tokenizer;

    /** For the tokens of a vocabulary. */
    public TokenJson(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** A token as text: U+FFFD for bytes that are no whole characters, control tokens spelled out. */
    public String text(int id) {
        byte[] bytes = tokenizer.bytes(id);
        return bytes.length == 0 ? tokenizer.piece(id) : new String(bytes, StandardCharsets.UTF_8);
    }

    /** A log-probability. */
    public static float logProb(float value) {
        return Float.isFinite(value) ? value : LEAST;
    }

    /** The entries of {@code logprobs.content} of a chat. */
    public List<Object> content(List<AnswerEvent.Token> tokens) {
        List<Object> content = new ArrayList<>();
        for (AnswerEvent.Token each : tokens) {
            if (each.isText()) {
                content.add(withTop(each.token()));
            }
        }
        return content;
    }

    private Map<String, Object> withTop(GeneratedToken token) {
        Map<String, Object> entry = entry(token.id(), token.logProb());
        List<Object> top = new ArrayList<>();
        for (TokenLogProb each : token.top()) {
            top.add(entry(each.id(), each.logProb()));
        }
        entry.put("top_logprobs", top);
        return entry;
    }

    private Map<String, Object> entry(int id, float logProb) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("token", text(id));
        entry.put("logprob", logProb(logProb));
        List<Object> bytes = new ArrayList<>();
        for (byte each : tokenizer.bytes(id)) {
            bytes.add(each & 0xff);
        }
        entry.put("bytes", bytes);
        return entry;
    }

    /**
     * What is told of tokens to those who ask by name: {@code id, text, logprob} at τ = 1, {@code entropy} of that
     * distribution in nats, {@code prob} among the candidates that the samplers left, and whether it is part of the
     * text.
     */
    public List<Object> own(List<AnswerEvent.Token> tokens) {
        List<Object> own = new ArrayList<>();
        for (AnswerEvent.Token each : tokens) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", each.token().id());
            entry.put("text", text(each.token().id()));
            entry.put("logprob", logProb(each.token().logProb()));
            if (each.explanation() != null) {
                entry.put("entropy", each.explanation().before().entropy());
                entry.put("prob", each.explanation().probability());
            }
            entry.put("is_text", each.isText());
            own.add(entry);
        }
        return own;
    }

    /**
     * The same as the object that a piece of an answer has under {@code kelvin}.
     *
     * @param prompt ids of what is answered, with the first piece; else null
     */
    public Map<String, Object> own(int[] prompt, List<AnswerEvent.Token> tokens) {
        Map<String, Object> own = new LinkedHashMap<>();
        if (prompt != null) {
            own.put("prompt_ids", Arrays.stream(prompt).boxed().toList());
        }
        own.put("tokens", own(tokens));
        return own;
    }

    /** What each stage of a chain left. */
    public static List<Object> stages(Explanation explanation) {
        List<Object> stages = new ArrayList<>();
        stages.add(stage("logits", explanation.before()));
        for (Explanation.Stage each : explanation.stages()) {
            stages.add(stage(SamplerLanguage.text(each.sampler()), each.left()));
        }
        return stages;
    }

    private static Map<String, Object> stage(String name, Explanation.Left left) {
        Map<String, Object> stage = new LinkedHashMap<>();
        stage.put("stage", name);
        stage.put("candidates", left.candidates());
        stage.put("mass", left.mass());
        stage.put("entropy", left.entropy());
        return stage;
    }
}
