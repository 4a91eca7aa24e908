// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file that takes its name when it is complete, or never: until {@link #commit} it has a temporary name in the same
 * folder. Closing without it removes the temporary file, and so does the {@linkplain ProcessEnd end of the process},
 * unless it is killed without notice. What fails is told by the name that was asked for. For one thread.
 */
public final class FileReplacement implements AutoCloseable {
    private final Path path;
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;

    /**
     * Creates the temporary file.
     *
     * @param path the name to take; of a symbolic link to a file, the name that it stands for
     * @throws FileSystemException if something that is not a regular file has this name, or if the folder takes no file
     */
    FileReplacement(Path path) throws IOException {
        this.path = path;
        if (Files.exists(path)) {
            if (!Files.isRegularFile(path)) {
                String what = Files.isDirectory(path) ? "is a folder" : "is not a regular file";
                throw new FileSystemException(path.toString(), null, what + ", which cannot be replaced");
            }
            target = path.toRealPath();
        } else {
            target = path.toAbsolutePath();
        }
        temporary = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + "."
                        + Long.toUnsignedString(System.nanoTime(), Character.MAX_RADIX) + ".tmp");
        try {
            channel = ProcessEnd.create(temporary);
        } catch (NoSuchFileException e) {
            throw failure("there is no folder " + target.getParent(), e);
        } catch (AccessDeniedException e) {
            throw failure("permission denied to write to the folder " + target.getParent(), e);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /**
     * Finds out whether a file could be written, before work is spent on what it holds.
     *
     * @param path the name that it will take
     * @throws FileSystemException if something that is not a regular file has this name, or if the folder takes no file
     */
    public static void check(Path path) throws IOException {
        new FileReplacement(path).close();
    }

    /** What a file holds. */
    @FunctionalInterface
    public interface Content {
        /**
         * Writes all of it.
         *
         * @param out takes it; not buffered, and not to be closed
         * @throws IOException if that fails
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Writes a whole file.
     *
     * @param path the name that it takes
     * @param content what it holds
     * @throws FileSystemException if it cannot be written; what was there before stays
     * @throws InterruptedIOException if the process ends and no {@link ProcessEnd.Delay} keeps it from that
     */
    public static void write(Path path, Content content) throws IOException {
        try (FileReplacement file = new FileReplacement(path)) {
            content.writeTo(file.stream());
            file.commit();
        }
    }

    /**
     * Writes a whole file.
     *
     * @param path the name that it takes
     * @param text what it holds, in UTF-8
     * @throws IOException as {@link #write(Path, Content)} does
     */
    public static void write(Path path, String text) throws IOException {
        write(path, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes to the file; not buffered, and not to be closed. */
    OutputStream stream() {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
                try {
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                } catch (IOException e) {
                    throw failure(e);
                }
            }
        };
    }

    /** Forces everything to disk and gives the file its name; a file that had it is replaced. */
    void commit() throws IOException {
        try {
            channel.force(true);
            channel.close();
            ProcessEnd.rename(temporary, target);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            ProcessEnd.remove(temporary);
        }
    }

    /**
     * The channel's own exceptions name the temporary file or none; those of an interrupted thread and of an ending
     * process keep their types.
     */
    private IOException failure(IOException cause) {
        if (cause instanceof ClosedChannelException || cause instanceof InterruptedIOException) {
            return cause;
        }
        String reason = cause instanceof FileSystemException named ? named.getReason() : cause.getMessage();
        return failure(reason == null ? cause.getClass().getSimpleName() : reason, cause);
    }

    private FileSystemException failure(String reason, IOException cause) {
        FileSystemException failure = new FileSystemException(path.toString(), null, reason);
        failure.initCause(cause);
        return failure;
    }
}
