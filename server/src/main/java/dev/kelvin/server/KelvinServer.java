// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.Access;
import dev.kelvin.server.http.Dispatcher;
import dev.kelvin.server.http.HttpLimits;
import dev.kelvin.server.http.HttpServer;
import dev.kelvin.server.own.Metrics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** A model behind HTTP. For any thread. */
public final class KelvinServer implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;

    private final ServerOptions options;
    private final Served served;
    private final HttpServer http;
    private final AtomicBoolean ended = new AtomicBoolean();

    private KelvinServer(ServerOptions options, Served served, HttpServer http) {
        this.options = options;
        this.served = served;
        this.http = http;
    }

    /**
     * Begins to serve a model.
     *
     * @param open the model, closed with the server
     * @param limits how much is computed at once
     * @throws java.net.BindException if the address cannot be had; the model is closed then, as with any exception
     * @throws IOException if the file cannot be read, or describes no tokenizer that can be used
     */
    public static KelvinServer start(OpenModel open, EngineLimits limits, ServerOptions options) throws IOException {
        return start(open, limits, options, HttpLimits.STANDARD);
    }

    static KelvinServer start(OpenModel open, EngineLimits limits, ServerOptions options, HttpLimits http)
            throws IOException {
        Served served;
        try {
            served = Served.start(options.name(), open, limits);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
        try {
            Dispatcher dispatcher = new Dispatcher(access(options), http.bodyBytes());
            AtomicReference<HttpServer> server = new AtomicReference<>();
            Metrics metrics = new Metrics(served, dispatcher.counts(), () -> connections(server.get()));
            Endpoints.addTo(dispatcher, served, metrics);
            server.set(HttpServer.start(options.address(), options.port(), http, dispatcher));
            return new KelvinServer(options, served, server.get());
        } catch (IOException | RuntimeException e) {
            served.close();
            throw e;
        }
    }

    private static Access access(ServerOptions options) {
        boolean local = options.address().isLoopbackAddress();
        return new Access(options.apiKey().orElse(null), options.origins(), local ? Access.LOOPBACK : Set.of());
    }

    /** None before the server is there. */
    private static int connections(HttpServer server) {
        return server == null ? 0 : server.connections();
    }

    /** The port that it listens at. */
    public int port() {
        return http.port();
    }

    /** Where it is found. */
    public URI uri() {
        String host = options.address().getHostAddress();
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/");
    }

    /**
     * Takes the prompts and answers of a file that {@link #saveCache} has written, so that texts that begin like them
     * need not be computed again. No answer depends on it. For a model that writes texts.
     *
     * @return how many texts were taken; fewer than there are where memory has no room
     * @throws IOException if the file cannot be read, is damaged, or that of another model; nothing is taken then, and
     *     the server goes on without
     */
    public int loadCache(Path file) throws IOException {
        return served.loadCache(file);
    }

    /**
     * Writes prompts and answers with their keys and values to a file.
     *
     * @param file is replaced when the new one is complete
     * @return how many texts they are
     * @throws IOException if writing fails
     */
    public int saveCache(Path file) throws IOException {
        return served.saveCache(file);
    }

    /** How many answers are on their way. */
    int running() {
        return served.running();
    }

    /** How many connections are open. */
    int connections() {
        return connections(http);
    }

    /**
     * Takes no more requests, and lets the running answers end within {@link ServerOptions#endTime}. Health and metrics
     * are told until {@link #close}.
     */
    public void end() {
        served.end();
        if (!ended.compareAndSet(false, true)) {
            return; // the time is given once
        }
        long deadline = System.nanoTime() + options.endTime().toNanos();
        try {
            while (served.running() > 0 && System.nanoTime() - deadline < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // now then
        }
    }

    /** Ends as {@link #end}, and ends the answers that are left where they are. */
    @Override
    public void close() {
        end();
        http.close();
        served.close();
    }
}
