// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Random requests: each is answered with 4xx and a reason, or, where it happens to be right, with 200; never with 5xx,
 * and the server answers as ever afterwards. {@code -Dkelvin.requests=N} makes more of them, {@code -Dkelvin.seed=S}
 * others.
 */
class MalformedRequestsIT {
    private static final int REQUESTS = Integer.getInteger("kelvin.requests", 4000);
    private static final long SEED = Long.getLong("kelvin.seed", 1);
    private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)\r\n");
    private static final List<String> PATHS = List.of(
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
            "/api/embed");
    private static final List<String> NAMES = List.of(
            "prompt",
            "messages",
            "input",
            "content",
            "tokens",
            "ids",
            "max_tokens",
            "max_output_tokens",
            "temperature",
            "top_p",
            "top_k",
            "seed",
            "stop",
            "n",
            "stream",
            "logprobs",
            "top_logprobs",
            "logit_bias",
            "tools",
            "tool_choice",
            "response_format",
            "role",
            "type",
            "function",
            "name",
            "parameters",
            "text",
            "format",
            "options",
            "kelvin",
            "sampler",
            "grammar",
            "stream_options",
            "metadata",
            "mirostat",
            "dynatemp_range",
            "answer_ids",
            "instructions",
            "reasoning",
            "chat_template_kwargs",
            "schema",
            "json_schema");
    private static final List<Object> VALUES = List.of(
            "user",
            "function",
            "text",
            "json_object",
            "inf",
            "",
            "a\u0000b",
            "\uD800",
            "x".repeat(300),
            "{{ x }}",
            "top-k=3",
            "root ::= \"a\"",
            true,
            false,
            -1L,
            0L,
            1L,
            2L,
            Long.MAX_VALUE,
            0.5,
            -0.5,
            1e30);

    private final Random random = new Random(SEED);

    private Object value(int depth) {
        int kind = random.nextInt(depth > 3 ? 6 : 10);
        if (kind < 6) {
            return VALUES.get(random.nextInt(VALUES.size()));
        }
        if (kind < 8) {
            List<Object> list = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                list.add(value(depth + 1));
            }
            return list;
        }
        return object(depth + 1);
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            object.put(NAMES.get(random.nextInt(NAMES.size())), value(depth));
        }
        if (depth == 0) {
            // What happens to be right should not take long.
            object.replaceAll((name, each) -> name.startsWith("max_") ? 1L : each);
            object.putIfAbsent(random.nextBoolean() ? "max_tokens" : "max_output_tokens", 1L);
        }
        return object;
    }

    private byte[] body() {
        byte[] json = JsonWriter.write(object(0)).getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(3) == 0 ? random.nextInt(4) : 0; i > 0 && json.length > 0; i--) {
            json[random.nextInt(json.length)] = (byte) random.nextInt(256);
        }
        return json;
    }

    private byte[] request(byte[] body) {
        String path = PATHS.get(random.nextInt(PATHS.size()));
        String head = "POST " + path
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + "Content-Length: " + body.length + "\r\n\r\n";
        byte[] bytes = new byte[head.length() + body.length];
        System.arraycopy(head.getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 0, head.length());
        System.arraycopy(body, 0, bytes, head.length(), body.length);
        return bytes;
    }

    /** The answer; empty if the server closed without one. */
    private static String send(TestServer server, byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
            socket.setSoTimeout(60_000);
            try {
                OutputStream out = socket.getOutputStream();
                out.write(request);
                out.flush();
                socket.shutdownOutput();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (SocketException closed) {
                return "";
            }
        }
    }

    /** An answer of a connection, which has several where the length of a body was changed and more seems to follow. */
    private record Told(int status, String body) {}

    private static List<Told> answers(String received) {
        List<Told> answers = new ArrayList<>();
        byte[] bytes = received.getBytes(StandardCharsets.UTF_8);
        for (int begin = 0; begin < bytes.length; ) {
            String rest = new String(bytes, begin, bytes.length - begin, StandardCharsets.UTF_8);
            assertTrue(rest.startsWith("HTTP/1.1 "), received);
            int head = rest.indexOf("\r\n\r\n") + 4;
            Matcher length = LENGTH.matcher(rest.substring(0, head));
            // Only a stream has no length, and it ends with the connection.
            int size = length.find() ? Integer.parseInt(length.group(1)) : bytes.length - begin - head;
            int status = Integer.parseInt(rest.substring(9, 12));
            answers.add(new Told(status, new String(bytes, begin + head, size, StandardCharsets.UTF_8)));
            begin += head + size;
        }
        return answers;
    }

    @Test
    void randomJson() throws IOException {
        try (TestServer server = TestServer.start()) {
            for (int i = 0; i < REQUESTS; i++) {
                byte[] body = body();
                TestServer.Answer answer = server.post(
                        PATHS.get(random.nextInt(PATHS.size())), new String(body, StandardCharsets.ISO_8859_1));
                int number = i;
                String shown = new String(body, StandardCharsets.UTF_8);
                assertTrue(
                        answer.status() == 200 || (answer.status() >= 400 && answer.status() < 500),
                        () -> "seed " + SEED + ", request " + number + ": " + shown + "\n" + answer);
                if (answer.status() != 200) {
                    Object error = answer.json().get("error");
                    Object reason = error instanceof Map<?, ?> map ? map.get("message") : error;
                    assertTrue(reason instanceof String text && !text.isBlank(), shown + "\n" + answer);
                }
            }
            assertEquals(
                    200,
                    server.post("/v1/completions", Map.of("prompt", "a", "max_tokens", 2))
                            .status());
        }
    }

    @Test
    void malformedHttp() throws IOException {
        try (TestServer server = TestServer.start()) {
            for (int i = 0; i < REQUESTS / 4; i++) {
                byte[] request = request(body());
                int head = new String(request, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
                for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                    request[random.nextInt(head)] = (byte) random.nextInt(256);
                }
                String answer = send(server, request);
                String shown = new String(request, StandardCharsets.ISO_8859_1);
                int number = i;
                // A client that ends in the middle of its request hears nothing.
                for (Told told : answers(answer)) {
                    if (told.status() != 200) {
                        assertTrue(
                                told.status() >= 400 && told.status() < 500,
                                () -> "seed " + SEED + ", request " + number + ":\n" + shown + "\n" + answer);
                        assertTrue(
                                JsonReader.read(told.body()) instanceof Map<?, ?> map && map.containsKey("error"),
                                answer);
                    }
                }
            }
            assertEquals(
                    200,
                    server.post("/v1/completions", Map.of("prompt", "a", "max_tokens", 2))
                            .status());
        }
    }
}
