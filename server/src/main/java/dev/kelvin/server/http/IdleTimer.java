// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends the timer that Helidon starts with each server to close idle connections, and never cancels: its thread would
 * hold a closed server, and with it the model, for good. {@link Connections} has deadlines of its own.
 *
 * <p>A {@link java.util.Timer} ends when one of its tasks throws, and Helidon's only task asks each connection how long
 * it has been idle. The first that is asked throws. A server that no connection has stayed at makes one to itself when
 * it is closed.
 */
final class IdleTimer {
    /** How often the timer asks, until it has ended. */
    static final Duration PERIOD = Duration.ofMillis(50);

    /** What its thread is called while it asks. */
    private static final String ASKING = "idle-timeout-handler-";

    private static final int LONGEST_MILLIS = 1000;

    private final CountDownLatch ended = new CountDownLatch(1);

    /** Whoever asks for an idle time comes by here; it throws if that is the timer, and does nothing else. */
    void asked() {
        Thread thread = Thread.currentThread();
        if (thread.getName().startsWith(ASKING)) {
            thread.setUncaughtExceptionHandler((timer, meant) -> {});
            ended.countDown();
            throw new CancellationException("connections have other deadlines");
        }
    }

    /**
     * Sees to it that the timer has ended, as long as the server listens.
     *
     * @param port negative if it does not
     */
    void end(InetAddress address, int port) {
        if (ended.getCount() == 0 || port < 0) {
            return;
        }
        InetAddress here = address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address;
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(here, port), LONGEST_MILLIS);
            if (!ended.await(LONGEST_MILLIS, TimeUnit.MILLISECONDS)) {
                System.getLogger(IdleTimer.class.getName())
                        .log(System.Logger.Level.DEBUG, "the timer of idle connections goes on");
            }
        } catch (IOException closedBefore) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
