// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** All connections, and the thread that cuts those whose time is over. */
public final class Connections implements ServerConnectionSelector, AutoCloseable {
    private static final long LOOK_MILLIS = 100;

    private final HttpLimits limits;
    private final ServerConnectionSelector http;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final IdleTimer idleTimer = new IdleTimer();
    private final Thread watch;

    /** Begins to watch. */
    public Connections(HttpLimits limits, Http1ConnectionSelector http) {
        this.limits = limits;
        this.http = http;
        watch = Thread.ofPlatform().daemon().name("kelvin-deadlines").start(this::cutThoseThatAreLate);
    }

    private void cutThoseThatAreLate() {
        try {
            while (true) {
                Thread.sleep(LOOK_MILLIS);
                long now = System.nanoTime();
                for (Connection each : List.copyOf(open)) {
                    if (each.isLate(now)) {
                        open.remove(each);
                        each.cut();
                    }
                }
            }
        } catch (InterruptedException closed) {
            return;
        }
    }

    /** How many there are. */
    public int count() {
        return open.size();
    }

    HttpLimits limits() {
        return limits;
    }

    /** Helidon's, which is not needed beside this. */
    IdleTimer idleTimer() {
        return idleTimer;
    }

    long deadline(Duration time) {
        return System.nanoTime() + time.toNanos();
    }

    void add(Connection connection) {
        open.add(connection);
    }

    void remove(Connection connection) {
        open.remove(connection);
    }

    @Override
    public int bytesToIdentifyConnection() {
        return 0;
    }

    /** Whatever it is: what is no HTTP is told so by its parser. */
    @Override
    public Support supports(BufferData data) {
        return Support.SUPPORTED;
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return http.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        return new Connection(context, http, this);
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
