// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;

/**
 * A connection with deadlines, wrapped around the one that speaks HTTP: a request must be there in full within a time
 * of its first byte, and an answer may wait only so long for its reader. Where a deadline passes, the socket is closed,
 * which ends whatever waits for it. While a request is answered, a thread waits for the end of the input: so a client
 * that goes away is noticed although nothing is written to it.
 */
final class Connection implements ServerConnection, ConnectionContext {
    /** The connection of the request that this thread answers. */
    static final ScopedValue<Connection> CURRENT = ScopedValue.newInstance();

    private static final long NEVER = Long.MAX_VALUE;

    private final ConnectionContext context;
    private final ServerConnection http;
    private final Connections all;
    private final HelidonSocket socket;
    private final DataReader reader = DataReader.create(this::read);
    private final DataWriter writer = new TimedWriter();

    /** By {@link System#nanoTime}; {@link #NEVER} where nothing is waited for. */
    private volatile long readDeadline;

    private volatile long writeDeadline = NEVER;

    /** Whether the first byte of a request was read, and its answer has not begun. */
    private boolean inRequest;

    /** Whether no request follows the one that is answered. */
    private boolean last;

    private long writeNanosLeft;

    /** What is read ahead while a request is answered; null if nothing is. */
    private CompletableFuture<byte[]> ahead;

    private volatile Runnable onGone;
    private volatile boolean gone;

    Connection(ConnectionContext context, ServerConnectionSelector http, Connections all) {
        this.context = context;
        this.all = all;
        socket = context.serverSocket();
        readDeadline = all.deadline(all.limits().idleTime());
        writeNanosLeft = all.limits().writeTime().toNanos();
        this.http = http.connection(this);
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        all.add(this);
        try {
            ScopedValue.where(CURRENT, this).<Void, InterruptedException>call(() -> {
                http.handle(limit);
                return null;
            });
        } finally {
            all.remove(this);
        }
    }

    /** Whether a deadline has passed. */
    boolean isLate(long now) {
        return isPast(readDeadline, now) || isPast(writeDeadline, now);
    }

    private static boolean isPast(long deadline, long now) {
        return deadline != NEVER && now - deadline > 0;
    }

    /** Ends it, whoever waits for what. */
    void cut() {
        try {
            socket.close();
        } catch (UncheckedIOException closedAlready) {
            return;
        }
    }

    /** The request is there in full; from here on the answer has its time. */
    void answering() {
        inRequest = false;
        readDeadline = NEVER;
        writeNanosLeft = all.limits().writeTime().toNanos();
    }

    /**
     * Watches for the end of the input until the next request is read.
     *
     * @param gone called once, on another thread, when the client has gone away
     */
    void whenGone(Runnable gone) {
        onGone = gone;
        if (this.gone) {
            gone.run();
        } else if (ahead == null) {
            ahead = new CompletableFuture<>();
            CompletableFuture<byte[]> result = ahead;
            Thread.ofVirtual().name("read-ahead").start(() -> readAhead(result));
        }
    }

    private void readAhead(CompletableFuture<byte[]> result) {
        try {
            byte[] data = received();
            if (data == null) {
                tellGone();
            }
            result.complete(data);
        } catch (RuntimeException e) {
            tellGone();
            result.completeExceptionally(e);
        }
    }

    private void tellGone() {
        gone = true;
        Runnable told = onGone;
        if (told != null) {
            told.run();
        }
    }

    /** The request that is answered is the last one. */
    void endAfterAnswer() {
        last = true;
    }

    /** Nobody wants to know any more. */
    void answered() {
        onGone = null;
    }

    /** The next bytes; null at the end. */
    private byte[] read() {
        if (last) {
            return null;
        }
        if (!inRequest) {
            readDeadline = all.deadline(all.limits().idleTime());
        }
        byte[] data;
        if (ahead == null) {
            data = received();
        } else {
            try {
                data = ahead.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            ahead = null;
        }
        if (!inRequest) {
            inRequest = true;
            readDeadline = all.deadline(all.limits().requestTime());
        }
        return data;
    }

    private byte[] received() {
        DataReader from = context.dataReader();
        try {
            from.ensureAvailable();
        } catch (DataReader.InsufficientDataAvailableException end) {
            return null;
        }
        return from.readBytes(from.available());
    }

    private final class TimedWriter implements DataWriter {
        @Override
        public void write(BufferData... buffers) {
            write(BufferData.create(buffers));
        }

        @Override
        public void write(BufferData buffer) {
            long begin = System.nanoTime();
            writeDeadline = begin + writeNanosLeft;
            try {
                context.dataWriter().write(buffer);
            } finally {
                writeDeadline = NEVER;
                writeNanosLeft -= System.nanoTime() - begin;
            }
        }

        @Override
        public void writeNow(BufferData... buffers) {
            writeNow(BufferData.create(buffers));
        }

        @Override
        public void writeNow(BufferData buffer) {
            long begin = System.nanoTime();
            writeDeadline = begin + writeNanosLeft;
            try {
                context.dataWriter().writeNow(buffer);
            } finally {
                writeDeadline = NEVER;
                writeNanosLeft -= System.nanoTime() - begin;
            }
        }

        @Override
        public void flush() {
            context.dataWriter().flush();
        }
    }

    @Override
    public Duration idleTime() {
        all.idleTimer().asked();
        return http.idleTime();
    }

    @Override
    public void close(boolean interrupt) {
        http.close(interrupt);
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public ListenerContext listenerContext() {
        return context.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return context.executor();
    }

    @Override
    public Router router() {
        return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return socket;
    }

    @Override
    public PeerInfo remotePeer() {
        return context.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return context.localPeer();
    }

    @Override
    public boolean isSecure() {
        return context.isSecure();
    }

    @Override
    public String socketId() {
        return context.socketId();
    }

    @Override
    public String childSocketId() {
        return context.childSocketId();
    }
}
