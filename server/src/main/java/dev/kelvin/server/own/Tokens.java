// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.generate.Tokenizers;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.answer.TokenJson;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /tokenize} and {@code POST /detokenize}. */
public final class Tokens {
    private final Served served;

    /** Uses the vocabulary of a model. */
    public Tokens(Served served) {
        this.served = served;
    }

    /** The ids of a text. */
    public void tokenize(Call call) throws ApiException {
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        String text = fields.requiredString(fields.has("prompt") ? "prompt" : "content");
        boolean special = fields.flag("add_special", false);
        boolean parse = fields.flag("parse_special", false);
        boolean pieces = fields.flag("with_pieces", false);
        fields.end();
        Tokenizer tokenizer = served.tokenizer();
        int[] ids = special ? Tokenizers.promptIds(tokenizer, text, parse) : tokenizer.encode(text, parse);
        TokenJson json = new TokenJson(tokenizer);
        List<Object> tokens = new ArrayList<>();
        for (int id : ids) {
            tokens.add(pieces ? Map.of("id", id, "piece", json.text(id)) : (Object) id);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("tokens", tokens);
        answer.put("count", ids.length);
        answer.put("max_model_len", served.contextLength());
        call.json(answer);
    }

    /** The text of ids. */
    public void detokenize(Call call) throws ApiException {
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        int[] ids = fields.ids("tokens", served.tokenizer().vocabSize());
        boolean special = fields.flag("with_special", false);
        fields.end();
        if (ids == null) {
            throw ApiException.invalid("tokens", "missing_required_parameter", "'tokens' is required.");
        }
        String text = served.tokenizer().decode(ids, special);
        call.json(Map.of("content", text, "prompt", text));
    }
}
