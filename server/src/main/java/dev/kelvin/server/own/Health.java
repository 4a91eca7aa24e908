// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.Call;
import java.util.Map;

/** {@code GET /health}: whether the process lives; {@code GET /health/ready}: whether it takes requests. */
public final class Health {
    private final Served served;

    /** Tells of a model. */
    public Health(Served served) {
        this.served = served;
    }

    /** Whether the process lives. */
    public void live(Call call) {
        call.json(Map.of("status", "ok"));
    }

    /** Whether requests are taken: not any more while the server ends. */
    public void ready(Call call) {
        boolean ready = served.isReady();
        call.json(ready ? 200 : 503, Map.of("status", ready ? "ok" : "ending"));
    }
}
