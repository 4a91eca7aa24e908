// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code GET /kelvin/model}: what a page has to know of the model. */
public final class ModelInfo {
    private final Served served;

    /** Tells of a model. */
    public ModelInfo(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException {
        Tokenizer tokenizer = served.tokenizer();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", served.name());
        json.put("fingerprint", served.fingerprint().toString());
        json.put("vocab_size", tokenizer.vocabSize());
        json.put("context_length", served.contextLength());
        json.put("bos_id", tokenizer.bosId());
        json.put("eos_id", tokenizer.eosId());
        json.put("writes", served.writes());
        // A model without a template of its own continues texts, and was not trained to answer.
        json.put("chats", served.writes() && served.chat().style().standIn().isEmpty());
        call.json(json);
    }
}
