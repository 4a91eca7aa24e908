// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One file of a model: the whole of it, or one part of several.
 *
 * @param path the file
 * @param header what it says, checked
 * @param bytes all its bytes
 */
record GgufPart(Path path, GgufHeader header, MemorySegment bytes) {
    /** Opens and checks a file, and maps it as long as the arena lives. */
    static GgufPart open(Path path, Arena arena) throws IOException {
        // A pipe would block for ever in open(), a folder would open and fail later.
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw unusable(path, Files.isDirectory(path) ? "a folder" : "something that is not a regular file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            GgufHeader header = readHeader(path, channel::read, channel.size());
            return new GgufPart(path, header, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (NoSuchFileException e) {
            throw caused(unusable(path, "no such file"), e);
        } catch (AccessDeniedException e) {
            throw caused(unusable(path, "one that may not be read"), e);
        }
    }

    static GgufHeader readHeader(Path path, GgufCursor.Source source, long fileSize) throws IOException {
        if (fileSize == 0) {
            throw unusable(path, "an empty file");
        }
        return GgufHeader.read(new GgufCursor(path, source, fileSize));
    }

    private static ModelFormatException unusable(Path path, String found) {
        return new ModelFormatException(path, "file", -1, "a readable GGUF file", found);
    }

    private static ModelFormatException caused(ModelFormatException exception, IOException cause) {
        exception.initCause(cause);
        return exception;
    }
}
