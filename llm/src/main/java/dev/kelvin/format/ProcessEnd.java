// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/**
 * The end of the process, as far as files depend on it. Told to end (Ctrl-C, SIGTERM, {@code System.exit}), the process
 * waits until every {@link Delay} is closed, during which files are written as ever; then the temporary files that are
 * left are removed, and from there on none is made and none takes its name. For any thread.
 */
public final class ProcessEnd {
    private static final Object LOCK = new Object();
    private static final Set<Path> TEMPORARY = new HashSet<>();
    private static final Set<Delay> DELAYS = new HashSet<>();

    /** Registered while a file or a delay depends on it. */
    private static Thread hook;

    private static volatile boolean told;
    private static boolean over;

    private ProcessEnd() {}

    /** Keeps the process from ending until it is closed. */
    public static final class Delay implements AutoCloseable {
        private Delay() {}

        /** Whether the process was told to end and waits for this. */
        public boolean processEnds() {
            return told;
        }

        /** Lets the process end; the thread that calls this may not come to anything else. */
        @Override
        public void close() {
            synchronized (LOCK) {
                DELAYS.remove(this);
                LOCK.notifyAll();
                leave();
            }
        }
    }

    /**
     * Keeps the process from ending.
     *
     * @return to be closed when the process may end
     * @throws InterruptedIOException if it is ending already
     */
    public static Delay delay() throws InterruptedIOException {
        synchronized (LOCK) {
            enter();
            Delay delay = new Delay();
            DELAYS.add(delay);
            return delay;
        }
    }

    /** Creates a file that is removed unless it is renamed before the process ends. */
    static FileChannel create(Path temporary) throws IOException {
        synchronized (LOCK) {
            enter();
            try {
                FileChannel channel =
                        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                TEMPORARY.add(temporary);
                return channel;
            } finally {
                leave();
            }
        }
    }

    /** Gives a created file its name, replacing the file that had it. */
    static void rename(Path temporary, Path name) throws IOException {
        synchronized (LOCK) {
            if (over) {
                throw ending();
            }
            Files.move(temporary, name, StandardCopyOption.ATOMIC_MOVE);
            TEMPORARY.remove(temporary);
            leave();
        }
    }

    /** Removes a created file that has not been renamed. */
    static void remove(Path temporary) throws IOException {
        synchronized (LOCK) {
            if (TEMPORARY.remove(temporary)) {
                leave();
                Files.deleteIfExists(temporary);
            }
        }
    }

    private static void enter() throws InterruptedIOException {
        if (over) {
            throw ending();
        }
        if (hook == null) {
            Thread thread = new Thread(ProcessEnd::end, "remove temporary files");
            try {
                Runtime.getRuntime().addShutdownHook(thread);
            } catch (IllegalStateException ends) {
                over = true;
                throw ending();
            }
            hook = thread;
        }
    }

    private static void leave() {
        if (hook != null && !told && TEMPORARY.isEmpty() && DELAYS.isEmpty()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
                hook = null;
            } catch (IllegalStateException ends) {
                told = true; // the hook is about to run
            }
        }
    }

    private static void end() {
        synchronized (LOCK) {
            told = true;
            while (!DELAYS.isEmpty()) {
                try {
                    LOCK.wait();
                } catch (InterruptedException atTheEnd) {
                    break; // by another hook, which means that nobody should wait any more
                }
            }
            over = true;
            TEMPORARY.forEach(ProcessEnd::removeQuietly);
        }
    }

    private static void removeQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException stays) {
            return; // nobody is left to be told
        }
    }

    private static InterruptedIOException ending() {
        return new InterruptedIOException("the process is ending");
    }
}
