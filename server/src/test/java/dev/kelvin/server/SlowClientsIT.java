// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.server.http.HttpLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Clients that send a byte a second, that never read, and that leave in the middle of an answer, while four honest ones
 * go on: these keep their answers and most of their speed, and nothing of the others stays.
 *
 * <p>100, 20 and 5 of them at a time for 6 s; {@code -Dkelvin.crowd=10} makes it 1000, 200 and 50,
 * {@code -Dkelvin.seconds=1800} half an hour. What the honest ones keep of their speed is printed, and asked for by
 * {@code -Dkelvin.kept=0.9} on a machine that does nothing else; on any other it says more of the machine.
 */
class SlowClientsIT {
    private static final int CROWD = Integer.getInteger("kelvin.crowd", 1);
    private static final int SECONDS = Integer.getInteger("kelvin.seconds", 6);
    private static final double KEPT = Double.parseDouble(System.getProperty("kelvin.kept", "0"));
    private static final int HONEST = 4;
    private static final HttpLimits LIMITS =
            HttpLimits.STANDARD.withTimes(Duration.ofSeconds(10), Duration.ofSeconds(4), Duration.ofSeconds(4));

    private final AtomicBoolean crowded = new AtomicBoolean();
    private final AtomicInteger met = new AtomicInteger();

    private static Socket connect(TestServer server) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.server.port()));
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What one of the crowd does until it is cut or has enough. */
    @FunctionalInterface
    private interface Visit {
        void with(Socket socket) throws IOException, InterruptedException;
    }

    /** Comes again as long as there is a crowd. */
    private void comeAgain(TestServer server, Visit visit) {
        while (crowded.get()) {
            try (Socket socket = connect(server)) {
                met.incrementAndGet();
                visit.with(socket);
            } catch (IOException cut) {
                // as it should be
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void sendSlowly(Socket socket) throws IOException, InterruptedException {
        byte[] request = ascii("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
        for (int i = 0; crowded.get(); i++) {
            socket.getOutputStream().write(i < request.length ? request[i] : 'a');
            Thread.sleep(1000);
        }
    }

    private void neverRead(Socket socket) throws IOException, InterruptedException {
        // More answers than sockets hold.
        byte[] requests = ascii("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000));
        socket.getOutputStream().write(requests);
        while (crowded.get()) {
            Thread.sleep(1000);
            socket.getOutputStream().write('G');
        }
    }

    private void leave(Socket socket) throws IOException, InterruptedException {
        String body = "{\"prompt\": \"Once\", \"max_tokens\": 400, \"temperature\": \"inf\", \"stream\": true}";
        socket.getOutputStream()
                .write(ascii("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body));
        InputStream in = socket.getInputStream();
        in.readNBytes(300);
        socket.setSoLinger(true, 0);
        socket.close();
        // One a second each: those who leave cost a few passes of the model, and that is not what is measured.
        Thread.sleep(1000);
    }

    private List<CompletableFuture<Void>> crowd(TestServer server, ExecutorService threads) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        crowded.set(true);
        add(all, threads, 100 * CROWD, () -> comeAgain(server, this::sendSlowly));
        add(all, threads, 20 * CROWD, () -> comeAgain(server, this::neverRead));
        add(all, threads, 5 * CROWD, () -> comeAgain(server, this::leave));
        return all;
    }

    private static void add(List<CompletableFuture<Void>> all, ExecutorService threads, int count, Runnable what) {
        for (int i = 0; i < count; i++) {
            all.add(CompletableFuture.runAsync(what, threads));
        }
    }

    /** Tokens a second of the honest, each of whose answers must be the one that it always is. */
    private static double speed(TestServer server, List<String> answers, ExecutorService threads, int seconds) {
        AtomicLong tokens = new AtomicLong();
        long begin = System.nanoTime();
        long end = begin + Duration.ofSeconds(seconds).toNanos();
        List<CompletableFuture<Void>> honest = new ArrayList<>();
        for (int client = 0; client < HONEST; client++) {
            int seed = client;
            honest.add(CompletableFuture.runAsync(
                    () -> {
                        while (System.nanoTime() < end) {
                            assertEquals(answers.get(seed), answer(server, seed));
                            tokens.addAndGet(32);
                        }
                    },
                    threads));
        }
        honest.forEach(CompletableFuture::join);
        return tokens.get() * 1e9 / (System.nanoTime() - begin);
    }

    private static String answer(TestServer server, int seed) {
        TestServer.Answer answer = server.post(
                "/v1/completions",
                Map.of("prompt", "Once", "max_tokens", 32, "seed", seed, "temperature", "inf", "logprobs", 1));
        assertEquals(200, answer.status(), answer.body());
        return answer.body().replaceFirst(".*\"choices\":", "").replaceFirst(",\"usage\".*", "");
    }

    private static long gauge(TestServer server, String name) {
        Matcher line = Pattern.compile("(?m)^" + name + " (\\d+)")
                .matcher(server.get("/metrics").body());
        assertTrue(line.find(), name);
        return Long.parseLong(line.group(1));
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void honestClientsDoNotNotice() throws Exception {
        try (TestServer server = TestServer.start(EngineLimits.STANDARD.with(48, 16), options -> options, LIMITS);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<String> answers = new ArrayList<>();
            for (int seed = 0; seed < HONEST; seed++) {
                answers.add(answer(server, seed));
            }
            speed(server, answers, threads, 3); // until it is compiled
            double before = speed(server, answers, threads, 3);
            long heap = heap();
            int platform = Thread.activeCount();
            List<CompletableFuture<Void>> crowd = crowd(server, threads);
            Thread.sleep(1000); // until they are there
            double among = speed(server, answers, threads, SECONDS);
            crowded.set(false);
            crowd.forEach(CompletableFuture::join);
            double after = speed(server, answers, threads, 3);
            double kept = 2 * among / (before + after);
            System.out.printf(
                    "SlowClientsIT: %d visits; honest clients had %.0f tokens/s, %.0f among them, %.0f after: %.2f%n",
                    met.get(), before, among, after, kept);
            assertTrue(met.get() >= 125 * CROWD, met.toString());
            assertTrue(kept > KEPT, "of their speed the honest keep " + kept);
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (gauge(server, "kelvin_http_connections") > HONEST + 1 || server.server.running() > 0) {
                assertTrue(System.nanoTime() < deadline, server.get("/metrics").body());
                Thread.sleep(100);
            }
            assertEquals(0, gauge(server, "kelvin_requests_running"));
            assertTrue(Thread.activeCount() <= platform + 8, () -> Thread.activeCount() + " of " + platform);
            long grown = heap() - heap;
            assertTrue(grown < 64 << 20, grown + " bytes more");
        }
    }
}
