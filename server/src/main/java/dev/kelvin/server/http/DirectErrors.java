// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import dev.kelvin.format.json.JsonWriter;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import java.nio.charset.StandardCharsets;

/** What is told of requests that are no HTTP, and never reach an endpoint. */
public final class DirectErrors implements DirectHandler {
    private DirectErrors() {}

    /** For all kinds of them. */
    public static DirectHandlers handlers() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        DirectErrors errors = new DirectErrors();
        for (EventType type : EventType.values()) {
            handlers.addHandler(type, errors);
        }
        return handlers.build();
    }

    @Override
    public TransportResponse handle(
            TransportRequest request, EventType type, Status status, ServerResponseHeaders headers, String message) {
        // The dispatcher tells what fails in an endpoint: what comes here is a request that the parser did not expect.
        boolean broken = type == EventType.HTTP_VERSION_NOT_SUPPORTED || type == EventType.INTERNAL_ERROR;
        Status told = broken ? Status.BAD_REQUEST_400 : status;
        ApiException refused = ApiException.of(
                told.code(),
                told.code() < 500 ? "invalid_request_error" : "server_error",
                "bad_request",
                told.code() == 413
                        ? "The body is too large."
                        : sentence(type == EventType.INTERNAL_ERROR ? null : message));
        return TransportResponse.builder()
                .status(told)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .keepAlive(false)
                .entity(JsonWriter.write(refused.body()).getBytes(StandardCharsets.UTF_8))
                .build();
    }

    private static String sentence(String message) {
        return message == null || message.isBlank() ? "The request is not well formed." : message;
    }
}
