// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that takes its name when it is complete, or never: until {@link #commit} it has a temporary name in the same
 * folder. Closing without it removes the temporary file, and so does the end of the process, unless it is killed
 * without notice. What fails is told by the name that was asked for. For one thread.
 */
public final class FileReplacement implements AutoCloseable {
    private final Path path;
    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final Thread atEndOfProcess = new Thread(this::removeQuietly, "remove temporary file");
    private boolean committed;

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
            channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            throw failure("there is no folder " + target.getParent(), e);
        } catch (AccessDeniedException e) {
            throw failure("permission denied to write to the folder " + target.getParent(), e);
        } catch (IOException e) {
            throw failure(e);
        }
        try {
            Runtime.getRuntime().addShutdownHook(atEndOfProcess);
        } catch (Throwable e) { // the process is ending already
            channel.close();
            removeQuietly();
            throw e;
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

    /**
     * Writes a whole file.
     *
     * @param path the name that it takes
     * @param bytes what it holds
     * @throws FileSystemException if it cannot be written; what was there before stays
     */
    public static void write(Path path, byte[] bytes) throws IOException {
        try (FileReplacement file = new FileReplacement(path)) {
            file.stream().write(bytes);
            file.commit();
        }
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
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure(e);
        }
        committed = true;
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
            if (!committed) {
                Files.deleteIfExists(temporary);
            }
        } finally {
            forgetEndOfProcess();
        }
    }

    private void forgetEndOfProcess() {
        try {
            Runtime.getRuntime().removeShutdownHook(atEndOfProcess);
        } catch (IllegalStateException ending) {
            return; // it runs, and finds nothing to remove
        }
    }

    private void removeQuietly() {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException stays) {
            return; // nobody is left to be told
        }
    }

    /** The channel's own exceptions name the temporary file or none; that of an interrupted thread keeps its type. */
    private IOException failure(IOException cause) {
        if (cause instanceof ClosedChannelException) {
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
