// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.Call;
import dev.kelvin.server.http.HttpCounts;
import java.util.function.IntSupplier;

/** {@code GET /metrics}, in the text format of Prometheus. */
public final class Metrics {
    private final Served served;
    private final HttpCounts counts;
    private final IntSupplier connections;

    /**
     * Tells of a model and its server.
     *
     * @param connections how many are open
     */
    public Metrics(Served served, HttpCounts counts, IntSupplier connections) {
        this.served = served;
        this.counts = counts;
        this.connections = connections;
    }

    /** Answers a call. */
    public void answer(Call call) {
        MetricText text = new MetricText();
        text.begin("kelvin_http_requests_total", "counter", "Requests by endpoint and status; 0 for those left alone.");
        counts.all()
                .forEach((kind, count) ->
                        text.value("{endpoint=\"" + kind.endpoint() + "\",status=\"" + kind.status() + "\"}", count));
        text.gauge("kelvin_http_connections", "Connections that are open.", connections.getAsInt());
        text.gauge("kelvin_answers_running", "Answers on their way, those that wait included.", served.running());
        text.gauge("kelvin_ready", "1 while requests are taken.", served.isReady() ? 1 : 0);
        served.engine().ifPresent(engine -> EngineMetricText.write(engine.metrics(), text));
        call.text("text/plain; version=0.0.4; charset=utf-8", text.toString());
    }
}
