// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.nn.Decoder;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;

/**
 * Which model, and what an executor gives to it.
 *
 * @param name of a file that Spark distributes, or a path
 * @param threads that compute in an executor; 0 for its cores
 * @param rowsAtOnce rows that are computed together, and that a task has on their way
 * @param kvBytes the most bytes of keys and values; 0 for half of what is left
 * @param idle how long a model stays open that nobody uses
 */
record ModelSpec(String name, int threads, int rowsAtOnce, long kvBytes, Duration idle) implements Serializable {
    /** Nobody waits for a single answer, so prompts may make a step as long as they like, in ns. */
    private static final long DELAY = 10_000_000_000L;

    /**
     * Where the model lies on this machine.
     *
     * @throws NoSuchFileException if it is a file that Spark distributes, and is not there
     */
    Path path() throws IOException {
        Path path = Path.of(name);
        return path.isAbsolute() || path.getNameCount() > 1 ? path : distributed(name);
    }

    /** Files of a session lie in a folder of its own beside those of the context. */
    private static Path distributed(String name) throws IOException {
        Path file = Path.of(SparkFiles.get(name));
        if (Files.exists(file)) {
            return file;
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> sessions =
                Files.newDirectoryStream(Path.of(SparkFiles.getRootDirectory()), Files::isDirectory)) {
            for (Path session : sessions) {
                if (Files.exists(session.resolve(name))) {
                    found.add(session.resolve(name));
                }
            }
        }
        if (found.size() != 1) {
            throw new NoSuchFileException(
                    name,
                    null,
                    found.isEmpty()
                            ? "it is none of the files that Spark has distributed to these tasks; those of"
                                    + " SparkContext.addFile and --files reach the tasks of datasets with"
                                    + " spark.sql.artifact.isolation.enabled=false"
                            : "several sessions have such a file: " + found);
        }
        return found.getFirst();
    }

    /** Threads that compute on this machine. */
    int threadsHere() {
        int processors = Runtime.getRuntime().availableProcessors();
        if (threads > 0) {
            return threads;
        }
        SparkEnv env = SparkEnv.get();
        return env == null ? processors : Math.min(processors, env.conf().getInt("spark.executor.cores", processors));
    }

    /** How much the engine does at once. Tasks bound how much they ask for, so that nothing need be refused. */
    EngineLimits limits() {
        return EngineLimits.STANDARD
                .with(Math.max(Decoder.PIECE, rowsAtOnce), rowsAtOnce)
                .withQueued(Integer.MAX_VALUE)
                .withKeysAndValues(kvBytes, DType.F32)
                .withDelay(DELAY);
    }
}
