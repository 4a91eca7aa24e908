// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.server.answer.Served;
import dev.kelvin.server.http.Access;
import dev.kelvin.server.http.Dispatcher;
import dev.kelvin.server.http.ErrorForm;
import dev.kelvin.server.http.HttpLimits;
import dev.kelvin.server.http.HttpServer;
import dev.kelvin.server.openai.Completions;
import dev.kelvin.server.openai.Models;
import dev.kelvin.server.own.Health;
import dev.kelvin.server.own.Tokens;
import java.net.URI;
import java.util.Set;

/** A model behind HTTP. For any thread. */
public final class KelvinServer implements AutoCloseable {
    private static final long LOOK_MILLIS = 20;

    private final ServerOptions options;
    private final Served served;
    private final HttpServer http;

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
     * @throws ModelFormatException if the file describes no tokenizer that can be used
     * @throws RuntimeException if the address cannot be had
     */
    public static KelvinServer start(OpenModel open, EngineLimits limits, ServerOptions options)
            throws ModelFormatException {
        return start(open, limits, options, HttpLimits.STANDARD);
    }

    static KelvinServer start(OpenModel open, EngineLimits limits, ServerOptions options, HttpLimits http)
            throws ModelFormatException {
        Served served;
        try {
            served = Served.start(options.name(), open, limits);
        } catch (ModelFormatException | RuntimeException e) {
            open.close();
            throw e;
        }
        try {
            Dispatcher dispatcher = new Dispatcher(access(options), http.bodyBytes());
            addEndpoints(dispatcher, served);
            return new KelvinServer(
                    options, served, HttpServer.start(options.address(), options.port(), http, dispatcher));
        } catch (RuntimeException e) {
            served.close();
            throw e;
        }
    }

    private static Access access(ServerOptions options) {
        boolean local = options.address().isLoopbackAddress();
        return new Access(
                options.apiKey().orElse(null), options.origins(), local ? Access.LOOPBACK : Set.of());
    }

    private static void addEndpoints(Dispatcher to, Served served) {
        Health health = new Health(served);
        to.addOpen("GET", "/health", health::live).addOpen("GET", "/health/ready", health::ready);
        Tokens tokens = new Tokens(served);
        to.add("POST", "/tokenize", ErrorForm.OPENAI, tokens::tokenize)
                .add("POST", "/detokenize", ErrorForm.OPENAI, tokens::detokenize);
        Models models = new Models(served);
        to.add("GET", "/v1/models", ErrorForm.OPENAI, models::list)
                .add("GET", "/v1/models/", ErrorForm.OPENAI, models::one)
                .add("POST", "/v1/completions", ErrorForm.OPENAI, new Completions(served)::answer);
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

    /** How many connections are open. */
    int connections() {
        return http.connections();
    }

    /**
     * Takes no more requests, lets the running answers end within {@link ServerOptions#endTime}, and ends those that are
     * left where they are.
     */
    @Override
    public void close() {
        served.end();
        long deadline = System.nanoTime() + options.endTime().toNanos();
        try {
            while (served.running() > 0 && System.nanoTime() - deadline < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // now then
        }
        http.close();
        served.close();
    }
}
