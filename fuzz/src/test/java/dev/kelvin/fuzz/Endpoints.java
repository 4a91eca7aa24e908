// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.fuzz;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.server.KelvinServer;
import dev.kelvin.server.ServerOptions;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** A server of the tiny model that takes bodies. */
final class Endpoints {
    /** What takes a body. */
    static final List<String> PATHS = List.of(
            "/v1/chat/completions",
            "/v1/completions",
            "/v1/responses",
            "/v1/embeddings",
            "/tokenize",
            "/detokenize",
            "/apply-template",
            "/kelvin/next",
            "/api/chat",
            "/api/generate",
            "/api/show",
            "/api/embed",
            "/api/embeddings");

    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static HttpClient client;
    private static KelvinServer server;

    private Endpoints() {}

    /** The status of an answer. */
    static synchronized int post(int endpoint, byte[] body) throws IOException, InterruptedException {
        if (server == null) {
            OpenModel open = OpenModel.of(TinyModel.open(TinyModel.SERVED_BYTES), Compute.serial(), LoadOptions.QUIET);
            server = KelvinServer.start(open, EngineLimits.STANDARD, ServerOptions.loopback("tiny", 0));
            client = HttpClient.newHttpClient();
        }
        HttpRequest request = HttpRequest.newBuilder(server.uri().resolve(PATHS.get(endpoint % PATHS.size())))
                .timeout(LONGEST)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}
