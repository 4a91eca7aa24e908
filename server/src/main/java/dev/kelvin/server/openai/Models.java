// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Call;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /v1/models} and {@code GET /v1/models/NAME}: the one model that is served. */
public final class Models {
    private final Served served;

    /** Tells of a model. */
    public Models(Served served) {
        this.served = served;
    }

    /** All models. */
    public void list(Call call) {
        call.json(Map.of("object", "list", "data", List.of(model())));
    }

    /** The model of the path. */
    public void one(Call call) throws ApiException {
        served.checkName(call.path());
        call.json(model());
    }

    private Map<String, Object> model() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("id", served.name());
        model.put("object", "model");
        model.put("created", served.since().getEpochSecond());
        model.put("owned_by", "kelvin");
        model.put("context_length", served.contextLength());
        return model;
    }
}
