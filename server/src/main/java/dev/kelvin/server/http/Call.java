// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import dev.kelvin.format.json.JsonWriter;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A request and its answer. For one thread. */
public final class Call {
    private final ServerRequest request;
    private final ServerResponse response;
    private final ErrorForm form;
    private final String path;
    private final byte[] body;

    Call(ServerRequest request, ServerResponse response, ErrorForm form, String path, byte[] body) {
        this.request = request;
        this.response = response;
        this.form = form;
        this.path = path;
        this.body = body;
    }

    /** What the path has behind that of the endpoint; empty if nothing. */
    public String path() {
        return path;
    }

    /**
     * The fields of the body.
     *
     * @throws ApiException if it is no JSON object
     */
    public Fields fields() throws ApiException {
        return Fields.read(body);
    }

    /** Whether there is a body. */
    public boolean hasBody() {
        return body.length > 0;
    }

    /** A header of the request. */
    public Optional<String> header(String name) {
        return request.headers().first(HeaderNames.create(name));
    }

    /** Sets a header of the answer. */
    public void set(String name, String value) {
        response.header(HeaderNames.create(name), value);
    }

    /** Sends JSON. */
    public void json(Object value) {
        json(200, value);
    }

    /** Sends JSON with a status. */
    public void json(int status, Object value) {
        bytes(status, "application/json", JsonWriter.write(value).getBytes(StandardCharsets.UTF_8));
    }

    /** Sends text with a type. */
    public void text(String type, String text) {
        bytes(200, type, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends bytes with a type. */
    public void bytes(int status, String type, byte[] bytes) {
        response.status(Status.create(status));
        response.header(HeaderNames.CONTENT_TYPE, type);
        response.send(bytes);
    }

    /** Sends a status and nothing else. */
    public void empty(int status) {
        response.status(Status.create(status));
        response.send();
    }

    /** Sends a refusal. */
    public void refuse(ApiException refused) {
        if (refused.retrySeconds() > 0) {
            set("Retry-After", Integer.toString(refused.retrySeconds()));
        }
        json(refused.status(), form.of(refused));
    }

    /** Begins an answer of server-sent events. */
    public EventStream events() {
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        return new EventStream(response.outputStream(), true, form);
    }

    /** Begins an answer of a line of JSON each. */
    public EventStream lines() {
        response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
        return new EventStream(response.outputStream(), false, form);
    }

    /**
     * Watches the client while an answer is made.
     *
     * @param gone called once, on another thread, when it has gone away
     * @return to be closed when the answer is made
     */
    public Watch whenGone(Runnable gone) {
        Connection connection = Connection.CURRENT.get();
        connection.whenGone(gone);
        return connection::answered;
    }

    /** Ends when it is closed. */
    @FunctionalInterface
    public interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
