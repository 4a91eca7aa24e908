// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.server.http.HttpLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A server on this machine with the model that comes with the program, and a client of it. */
final class TestServer implements AutoCloseable {
    /** The model that comes with the program. */
    static final Path STORIES = Path.of("../cli/src/main/resources/dev/kelvin/cli/stories.gguf");

    final KelvinServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    private TestServer(KelvinServer server) {
        this.server = server;
    }

    /** An answer: its status, its headers, and its body. */
    record Answer(int status, Map<String, List<String>> headers, String body) {
        Map<?, ?> json() throws IOException {
            return (Map<?, ?>) JsonReader.read(body);
        }

        /** The value at a path such as {@code error.code} or {@code choices.0.text}. */
        Object at(String path) throws IOException {
            return find(json(), path);
        }

        /** The data of events, less the mark at the end. */
        List<Object> events() throws IOException {
            List<Object> events = new ArrayList<>();
            for (String line : body.lines().toList()) {
                if (line.startsWith("data: ") && !line.equals("data: [DONE]")) {
                    events.add(JsonReader.read(line.substring("data: ".length())));
                }
            }
            return events;
        }

        /** The values of lines. */
        List<Object> lines() throws IOException {
            List<Object> lines = new ArrayList<>();
            for (String line : body.lines().toList()) {
                lines.add(JsonReader.read(line));
            }
            return lines;
        }
    }

    static Object find(Object from, String path) {
        Object value = from;
        for (String step : path.split("\\.", -1)) {
            value = value instanceof List<?> list ? list.get(Integer.parseInt(step)) : ((Map<?, ?>) value).get(step);
        }
        return value;
    }

    static TestServer start() throws IOException {
        return start(EngineLimits.STANDARD, options -> options, HttpLimits.STANDARD);
    }

    static TestServer start(EngineLimits limits, UnaryOperator<ServerOptions> options, HttpLimits http)
            throws IOException {
        return start(STORIES, limits, options.apply(ServerOptions.loopback("stories", 0)), http);
    }

    static TestServer start(Path model, EngineLimits limits, ServerOptions options, HttpLimits http)
            throws IOException {
        return of(OpenModel.of(GgufFile.open(model), Compute.startQuick(2), LoadOptions.QUIET), limits, options, http);
    }

    static TestServer of(OpenModel open, EngineLimits limits, ServerOptions options, HttpLimits http)
            throws IOException {
        return new TestServer(KelvinServer.start(open, limits, options, http));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.uri().resolve(path));
    }

    Answer get(String path) {
        return send(request(path).build());
    }

    Answer post(String path, Map<String, ?> body) {
        return post(path, JsonWriter.write(body));
    }

    Answer post(String path, String body) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers().map(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
        client.close();
    }
}
