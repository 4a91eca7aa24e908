// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.StopReason;
import dev.kelvin.head.TokenLogProb;
import dev.kelvin.server.answer.AnswerEvent;
import dev.kelvin.server.answer.PendingTokens;
import dev.kelvin.server.answer.TokenJson;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One answer of {@code /v1/completions}, of which {@link #json} tells what came since it was last asked. */
final class CompletionChoice {
    private final int index;
    private final CompletionFields fields;
    private final TokenJson tokenJson;
    private final PendingTokens pending;
    private final int[] prompt;
    private final StringBuilder text = new StringBuilder();
    private final List<AnswerEvent.Token> tokens = new ArrayList<>();
    private StopReason reason;
    private boolean begun;

    /** Characters of the answer in front of the next piece. */
    private int offset;

    /** The same of an answer that begins with its prompt: how probable that is behind its first token. */
    static CompletionChoice echoing(
            int index, int[] prompt, List<GeneratedToken> scores, CompletionFields fields, Tokenizer tokenizer) {
        CompletionChoice choice = new CompletionChoice(index, prompt, fields, tokenizer);
        if (prompt.length > 0 && prompt[0] != tokenizer.bosId()) {
            // Nothing says how probable a first token is.
            choice.tokens.add(
                    new AnswerEvent.Token(index, new GeneratedToken(prompt[0], Float.NaN, List.of()), true, null));
        }
        scores.forEach(each -> choice.tokens.add(new AnswerEvent.Token(index, each, true, null)));
        return choice;
    }

    CompletionChoice(int index, int[] prompt, CompletionFields fields, Tokenizer tokenizer) {
        this.index = index;
        this.fields = fields;
        this.prompt = prompt;
        tokenJson = new TokenJson(tokenizer);
        pending = new PendingTokens(
                tokenizer.decoder(prompt.length == 1 && prompt[0] == tokenizer.bosId()),
                !fields.common().stops().isEmpty());
        if (fields.echo()) {
            text.append(tokenizer.decode(prompt));
        }
    }

    void accept(AnswerEvent event) {
        switch (event) {
            case AnswerEvent.Token token -> pending.add(token);
            case AnswerEvent.Text piece -> {
                text.append(piece.text());
                tokens.addAll(pending.with(piece.text()));
            }
            case AnswerEvent.End end -> {
                reason = end.reason();
                tokens.addAll(pending.rest(reason));
            }
            case AnswerEvent.Reasoning _, AnswerEvent.Call _, AnswerEvent.Failed _ -> {}
        }
    }

    /** What came since it was last asked. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("text", text.toString());
        json.put("index", index);
        json.put("logprobs", fields.topLogProbs() < 0 ? null : logProbs());
        json.put("finish_reason", reason == null ? null : FinishReason.of(reason));
        if (fields.common().tellsTokens()) {
            json.put("kelvin", tokenJson.own(begun ? null : prompt, tokens));
        }
        begun = true;
        offset += text.length();
        text.setLength(0);
        tokens.clear();
        return json;
    }

    private Map<String, Object> logProbs() {
        List<Object> texts = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        List<Object> tops = new ArrayList<>();
        List<Object> offsets = new ArrayList<>();
        int at = offset;
        for (AnswerEvent.Token each : tokens) {
            GeneratedToken token = each.token();
            String tokenText = tokenJson.text(token.id());
            texts.add(tokenText);
            boolean known = !Float.isNaN(token.logProb());
            values.add(known ? TokenJson.logProb(token.logProb()) : null);
            Map<String, Object> top = new LinkedHashMap<>();
            for (TokenLogProb likely : token.top()) {
                top.put(tokenJson.text(likely.id()), TokenJson.logProb(likely.logProb()));
            }
            tops.add(known ? top : null);
            offsets.add(at);
            at += tokenText.length();
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("tokens", texts);
        json.put("token_logprobs", values);
        json.put("top_logprobs", tops);
        json.put("text_offset", offsets);
        return json;
    }
}
