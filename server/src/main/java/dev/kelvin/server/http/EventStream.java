// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** An answer in pieces, each of them sent at once: server-sent events, or lines of JSON. For one thread. */
public final class EventStream implements AutoCloseable {
    private final OutputStream out;
    private final boolean events;
    private final ErrorForm form;

    EventStream(OutputStream out, boolean events, ErrorForm form) {
        this.out = out;
        this.events = events;
        this.form = form;
    }

    /**
     * Sends a piece.
     *
     * @throws IOException if the client does not take it
     */
    public void send(Object value) throws IOException {
        String json = JsonWriter.write(value);
        write(events ? "data: " + json + "\n\n" : json + "\n");
    }

    /** Sends a piece with the name of its kind. */
    public void send(String name, Object value) throws IOException {
        write("event: " + name + "\ndata: " + JsonWriter.write(value) + "\n\n");
    }

    /** Tells an error: a status cannot be changed any more. */
    public void refuse(ApiException refused) throws IOException {
        send(form.of(refused));
    }

    /** Sends the mark by which OpenAI's interface ends a stream. */
    public void done() throws IOException {
        write("data: [DONE]\n\n");
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
