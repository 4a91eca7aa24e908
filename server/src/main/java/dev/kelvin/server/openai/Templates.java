// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.chat.Conversation;
import dev.kelvin.server.answer.Failure;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.Fields;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code POST /apply-template}: the prompt that a chat becomes. */
public final class Templates {
    private final Served served;

    /** Uses the template of a model. */
    public Templates(Served served) {
        this.served = served;
    }

    /** Answers a call. */
    public void answer(Call call) throws ApiException {
        Fields fields = call.fields();
        served.checkName(fields.string("model"));
        Conversation conversation = ChatConversation.take(fields);
        fields.end();
        try {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("prompt", served.chat().prompt(conversation));
            json.put("tokens", served.chat().promptIds(conversation).length);
            call.json(json);
        } catch (IllegalArgumentException e) {
            throw Failure.refused("messages", e);
        }
    }
}
