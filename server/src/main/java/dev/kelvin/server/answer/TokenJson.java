// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.head.TokenLogProb;
import dev.kelvin.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tokens and their log-probabilities as OpenAI's interface tells them. */
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
    public List<Object> content(List<GeneratedToken> tokens) {
        List<Object> content = new ArrayList<>();
        for (GeneratedToken token : tokens) {
            Map<String, Object> entry = entry(token.id(), token.logProb());
            List<Object> top = new ArrayList<>();
            for (TokenLogProb each : token.top()) {
                top.add(entry(each.id(), each.logProb()));
            }
            entry.put("top_logprobs", top);
            content.add(entry);
        }
        return content;
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

    /** Ids and surprise of tokens, for those who ask by name: {@code {id, text, logprob}} each. */
    public List<Object> own(List<GeneratedToken> tokens) {
        List<Object> own = new ArrayList<>();
        for (GeneratedToken token : tokens) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", token.id());
            entry.put("text", text(token.id()));
            entry.put("logprob", logProb(token.logProb()));
            own.add(entry);
        }
        return own;
    }
}
