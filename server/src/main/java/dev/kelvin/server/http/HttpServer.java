// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;

/** A socket that is listened at, and the dispatcher that answers. */
public final class HttpServer implements AutoCloseable {
    /**
     * What the system takes of an answer that is not read. Left to itself it takes megabytes: so much would be made for
     * a client that asks and never reads, and kept, for each of its connections.
     */
    private static final int SEND_BUFFER_BYTES = 64 << 10;

    private final InetAddress address;
    private final WebServer server;
    private final Connections connections;

    private HttpServer(InetAddress address, WebServer server, Connections connections) {
        this.address = address;
        this.server = server;
        this.connections = connections;
    }

    /**
     * Begins to listen.
     *
     * @param port 0 for any that is free
     * @throws BindException if the address cannot be had
     * @throws IOException if there is no socket to be had at all
     */
    public static HttpServer start(InetAddress address, int port, HttpLimits limits, Dispatcher dispatcher)
            throws IOException {
        requireFree(address, port);
        Http1Config http = Http1Config.builder()
                .maxHeadersSize(limits.headerBytes())
                .maxPrologueLength(4096)
                .build();
        Connections connections = new Connections(
                limits, Http1ConnectionSelector.builder().config(http).build());
        try {
            WebServer server = WebServer.builder()
                    .address(address)
                    .port(port)
                    .shutdownHook(false)
                    .protocolsDiscoverServices(false)
                    .featuresDiscoverServices(false)
                    .addConnectionSelector(connections)
                    .idleConnectionPeriod(IdleTimer.PERIOD)
                    .maxTcpConnections(limits.connections())
                    .maxPayloadSize(limits.bodyBytes())
                    .useNio(false)
                    .connectionOptions(SocketOptions.builder()
                            .socketSendBufferSize(SEND_BUFFER_BYTES)
                            .tcpNoDelay(true) // each piece of an answer at once
                            .build())
                    .writeQueueLength(0)
                    .backlog(256)
                    .shutdownGracePeriod(Duration.ofMillis(500))
                    .directHandlers(DirectErrors.handlers())
                    .routing(HttpRouting.builder().any(dispatcher))
                    .build()
                    .start();
            if (!server.isRunning()) {
                throw new IllegalStateException(
                        "server: " + address.getHostAddress() + ":" + port + " is not listened at");
            }
            return new HttpServer(address, server, connections);
        } catch (RuntimeException e) {
            connections.close();
            throw e;
        }
    }

    /** Helidon tells in its log alone that an address cannot be had, and starts all the same. */
    private static void requireFree(InetAddress address, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(address, port));
        } catch (BindException e) {
            BindException named = new BindException(
                    "server: port " + port + " of " + address.getHostAddress() + " cannot be had: " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    /** The port. */
    public int port() {
        return server.port();
    }

    /** How many connections are open. */
    public int connections() {
        return connections.count();
    }

    /** Listens no more, and ends all connections; an interrupt waits until that is done. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            connections.idleTimer().end(address, port());
            server.stop();
        } finally {
            connections.close();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
