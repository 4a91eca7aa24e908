// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks an application on this machine. */
final class Client implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final int port;

    Client(int port) {
        this.port = port;
    }

    /** The answer to a question, whatever its status. */
    HttpResponse<String> ask(String path, String parameter, String text) throws IOException, InterruptedException {
        String query = parameter + "=" + URLEncoder.encode(text, StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path + "?" + query))
                .timeout(Duration.ofMinutes(2))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The body of an answer that is one. */
    String body(String path, String parameter, String text) throws IOException, InterruptedException {
        HttpResponse<String> response = ask(path, parameter, text);
        assertEquals(200, response.statusCode(), response.body());
        return response.body();
    }

    @Override
    public void close() {
        http.close();
    }
}
