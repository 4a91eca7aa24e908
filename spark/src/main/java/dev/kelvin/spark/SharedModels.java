// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The models of a JVM. Each is opened once, by the first task that wants it, while others wait; it stays open as long
 * as tasks use it, and a while longer. For any thread.
 */
final class SharedModels {
    /** Those of this JVM. */
    static final SharedModels HERE = new SharedModels();

    private static final System.Logger LOG = System.getLogger(SharedModels.class.getName());

    /** How often models are looked for that nobody uses, in ms. */
    private static final int LOOK_MILLIS = 500;

    private final Map<Key, Entry> entries = new HashMap<>();
    private ScheduledExecutorService sweeper;

    /** What makes two models one. A file that was replaced is another. */
    private record Key(Path path, long size, FileTime modified, int threads, int rowsAtOnce, long kvBytes) {
        static Key of(ModelSpec spec) throws IOException {
            Path path = spec.path().toAbsolutePath().normalize();
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
            return new Key(
                    path, file.size(), file.lastModifiedTime(), spec.threadsHere(), spec.rowsAtOnce(), spec.kvBytes());
        }
    }

    /** A model and who uses it. All but the model belongs to the lock of the map. */
    private static final class Entry {
        private SharedModel model;
        private int leases;
        private long unusedSince;
        private Duration idle;

        /** Opens the model, unless it is open. */
        synchronized SharedModel model(Path path, ModelSpec spec) throws IOException {
            if (model == null) {
                long begin = System.nanoTime();
                model = SharedModel.open(path, spec);
                LOG.log(
                        System.Logger.Level.INFO,
                        "{0} opened in {1} ms; {2} threads, vectors of {3} bits (0: plain loops)",
                        path,
                        (System.nanoTime() - begin) / 1_000_000,
                        spec.threadsHere(),
                        model.vectorBits());
            }
            return model;
        }

        synchronized void close() {
            if (model != null) {
                model.close();
            }
        }
    }

    /**
     * The right to use a model, until it is closed.
     *
     * @param model to be used
     * @param end gives the right back; once
     */
    record Lease(SharedModel model, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }

    /** No models yet. */
    SharedModels() {}

    /**
     * Takes a model, and opens it if it is not open.
     *
     * @throws dev.kelvin.format.ModelFormatException if it is none that can be computed
     * @throws IOException if it cannot be read
     */
    Lease lease(ModelSpec spec) throws IOException {
        Key key = Key.of(spec);
        Entry entry = enter(key, spec.idle());
        try {
            return new Lease(entry.model(key.path(), spec), () -> leave(entry));
        } catch (IOException | RuntimeException | Error e) {
            leave(entry);
            throw e;
        }
    }

    /** How many models are open. */
    synchronized int size() {
        return entries.size();
    }

    /** How many tasks and calls use models. */
    synchronized int leases() {
        return entries.values().stream().mapToInt(entry -> entry.leases).sum();
    }

    private synchronized Entry enter(Key key, Duration idle) {
        if (sweeper == null) {
            sweeper = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("kelvin-idle-models").factory());
            var _ = sweeper.scheduleWithFixedDelay(this::sweep, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        Entry entry = entries.computeIfAbsent(key, _ -> new Entry());
        entry.leases++;
        entry.idle = idle;
        return entry;
    }

    private synchronized void leave(Entry entry) {
        entry.leases--;
        entry.unusedSince = System.nanoTime();
    }

    private void sweep() {
        for (Entry entry : unused()) {
            try {
                entry.close();
            } catch (RuntimeException e) { // the next look must come
                LOG.log(System.Logger.Level.WARNING, "a model could not be closed", e);
            }
        }
    }

    /** Takes out what nobody has used for its while. */
    private synchronized List<Entry> unused() {
        long now = System.nanoTime();
        List<Entry> unused = new ArrayList<>();
        entries.values().removeIf(entry -> {
            boolean over = entry.leases == 0 && now - entry.unusedSince >= entry.idle.toNanos();
            if (over) {
                unused.add(entry);
            }
            return over;
        });
        return unused;
    }
}
