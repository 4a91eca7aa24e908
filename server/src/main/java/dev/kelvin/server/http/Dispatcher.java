// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.HttpPrologue;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/** Finds the endpoint of each request, after the rules of access, and tells what goes wrong. */
public final class Dispatcher implements Handler {
    private static final System.Logger LOG = System.getLogger(Dispatcher.class.getName());

    private record Route(Endpoint endpoint, ErrorForm form, boolean open) {}

    private final Access access;
    private final int bodyBytes;
    private final HttpCounts counts = new HttpCounts();

    /** By path, then by method. A path that ends in a slash, but for the root, stands for all that begin with it. */
    private final Map<String, Map<String, Route>> routes = new LinkedHashMap<>();

    /**
     * A dispatcher that knows nothing yet.
     *
     * @param bodyBytes the most bytes of a body
     */
    public Dispatcher(Access access, int bodyBytes) {
        this.access = access;
        this.bodyBytes = bodyBytes;
    }

    /** Adds an endpoint. */
    public Dispatcher add(String method, String path, ErrorForm form, Endpoint endpoint) {
        routes.computeIfAbsent(path, _ -> new LinkedHashMap<>()).put(method, new Route(endpoint, form, false));
        return this;
    }

    /** Adds an endpoint that answers without a key: it tells nothing that is worth one. */
    public Dispatcher addOpen(String method, String path, Endpoint endpoint) {
        routes.computeIfAbsent(path, _ -> new LinkedHashMap<>())
                .put(method, new Route(endpoint, ErrorForm.OPENAI, true));
        return this;
    }

    /** How many requests there were. */
    public HttpCounts counts() {
        return counts;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        String path = request.prologue().uriPath().rawPath();
        String known = known(path);
        int status = 0;
        try {
            handle(request, response, path, known);
            status = response.status().code();
            if (header(request, "Connection").equalsIgnoreCase("close")) {
                Connection.CURRENT.get().endAfterAnswer();
            }
        } finally {
            counts.add(routes.containsKey(known) ? known : "other", status);
        }
    }

    private String known(String path) {
        String folder = path.substring(0, path.lastIndexOf('/') + 1);
        return routes.containsKey(path) || folder.length() == 1 ? path : folder;
    }

    private void handle(ServerRequest request, ServerResponse response, String path, String known) {
        HttpPrologue prologue = request.prologue();
        ErrorForm form = path.startsWith("/api/") ? ErrorForm.OLLAMA : ErrorForm.OPENAI;
        Call refusals = new Call(request, response, form, "", new byte[0]);
        response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
        try {
            if (!letIn(request, response)) {
                refusals.empty(204);
                return;
            }
            Route route = route(prologue.method().text(), known, path, refusals);
            if (!route.open) {
                access.checkKey(header(request, "Authorization"));
            }
            byte[] body = body(request, response);
            Connection.CURRENT.get().answering();
            route.endpoint.answer(
                    new Call(request, response, route.form, decoded(path.substring(known.length())), body));
        } catch (ApiException refused) {
            refusals.refuse(refused);
        } catch (HttpException | RequestException | CloseConnectionException ofHttp) {
            throw ofHttp;
        } catch (IOException | UncheckedIOException | InterruptedException gone) {
            throw new CloseConnectionException("the client does not take its answer", gone);
        } catch (RuntimeException | Error broken) {
            LOG.log(System.Logger.Level.ERROR, "server: " + prologue.method().text() + " " + path + " failed", broken);
            if (response.isSent()) {
                throw new CloseConnectionException("the answer failed", broken);
            }
            refusals.refuse(
                    ApiException.of(500, "server_error", "internal_error", "The server failed; its log says why."));
        }
    }

    /** Applies the rules for hosts and origins; false if it was a question of a browser whether it may ask. */
    private boolean letIn(ServerRequest request, ServerResponse response) throws ApiException {
        String host = header(request, "Host");
        access.checkHost(host);
        String origin = header(request, "Origin");
        if (origin.isEmpty() || Access.isOwn(origin, host)) {
            return true;
        }
        access.checkOrigin(origin, host);
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.header(HeaderNames.VARY, "Origin");
        if (!request.prologue().method().text().equals("OPTIONS")) {
            return true;
        }
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE");
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type");
        response.header(HeaderNames.ACCESS_CONTROL_MAX_AGE, "600");
        return false;
    }

    private Route route(String method, String known, String path, Call refusals) throws ApiException {
        Map<String, Route> methods = routes.get(known);
        if (methods == null) {
            throw ApiException.notFound("unknown_url", "There is nothing at " + shortened(path) + ".");
        }
        Route route = methods.get(method);
        if (route == null) {
            String allowed = String.join(", ", new TreeSet<>(methods.keySet()));
            refusals.set("Allow", allowed);
            throw ApiException.of(
                    405, "invalid_request_error", "method_not_allowed", known + " takes " + allowed + ".");
        }
        return route;
    }

    private static String shortened(String path) {
        return path.length() <= 100 ? path : path.substring(0, 100) + "...";
    }

    private static String decoded(String rest) throws ApiException {
        try {
            return URLDecoder.decode(rest.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(null, "invalid_url", "The path is not well formed.");
        }
    }

    private byte[] body(ServerRequest request, ServerResponse response) throws IOException, ApiException {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        String type = header(request, "Content-Type");
        if (!type.isEmpty() && !isJson(type)) {
            throw ApiException.of(
                    415, "invalid_request_error", "unsupported_media_type", "The body must be application/json.");
        }
        byte[] body = received(request, response);
        if (body.length > bodyBytes) {
            throw tooLarge();
        }
        return body;
    }

    private byte[] received(ServerRequest request, ServerResponse response) throws IOException, ApiException {
        try {
            // Closing it would read on where nothing may follow.
            return request.content().inputStream().readNBytes(bodyBytes + 1);
        } catch (CloseConnectionException | UncheckedIOException gone) {
            throw gone;
        } catch (RuntimeException malformed) { // a chunk that is none, or the end in the middle of one
            // Where the next request would begin is not known.
            response.header(HeaderNames.CONNECTION, "close");
            Connection.CURRENT.get().endAfterAnswer();
            if (malformed instanceof RequestException told && told.status().code() == 413) {
                throw tooLarge();
            }
            throw ApiException.invalid(null, "bad_request", "The body is not well formed.");
        }
    }

    private ApiException tooLarge() {
        return ApiException.of(
                413, "invalid_request_error", "body_too_large", "The body has more than " + bodyBytes + " bytes.");
    }

    private static boolean isJson(String type) {
        return type.split(";", 2)[0].strip().equalsIgnoreCase("application/json");
    }

    private static String header(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("");
    }
}
