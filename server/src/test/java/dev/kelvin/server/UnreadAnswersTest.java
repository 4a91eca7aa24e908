// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a client does not read is not made: the system keeps little for a socket, and the rest of the answers waits. */
class UnreadAnswersTest {
    private static final String STYLE = "/page/style.css";

    /** What the system keeps for both sides of a connection at most, in bytes. */
    private static final long MOST_BYTES = 512 << 10;

    private static Socket connect(TestServer server) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** Asks so often, and says in the end that this was all. */
    private static void ask(Socket socket, int times) throws IOException {
        String request = "GET " + STYLE + " HTTP/1.1\r\nHost: localhost\r\n";
        String all = (request + "\r\n").repeat(times - 1) + request + "Connection: close\r\n\r\n";
        socket.getOutputStream().write(all.getBytes(StandardCharsets.US_ASCII));
    }

    private static long answered(TestServer server) {
        Matcher line = Pattern.compile(
                        "(?m)^kelvin_http_requests_total\\{endpoint=\"" + STYLE + "\",status=\"200\"} (\\d+)")
                .matcher(server.get("/metrics").body());
        return line.find() ? Long.parseLong(line.group(1)) : 0;
    }

    /** The count when it grows no more. */
    private static long settled(TestServer server) throws InterruptedException {
        long before = -1;
        long now = answered(server);
        while (now == 0 || now != before) {
            Thread.sleep(300);
            before = now;
            now = answered(server);
        }
        return now;
    }

    @Test
    void answersWaitForTheirReader() throws Exception {
        try (TestServer server = TestServer.start()) {
            int bytes = server.get(STYLE).body().getBytes(StandardCharsets.UTF_8).length;
            int asked = (int) (8 * MOST_BYTES / bytes);
            long before = answered(server);
            try (Socket socket = connect(server)) {
                ask(socket, asked);
                long made = (settled(server) - before) * bytes;
                System.out.printf("UnreadAnswersTest: %,d bytes were made for a client that reads none%n", made);
                assertTrue(made <= MOST_BYTES, made + " bytes");
                // They were not refused, only left for later.
                assertTrue(socket.getInputStream().readAllBytes().length > asked * bytes);
            }
            assertEquals(asked, answered(server) - before);
        }
    }
}
