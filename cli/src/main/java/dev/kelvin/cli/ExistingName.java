// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A path as an argument gives it. File names are bytes, and arguments reach Java as text: bytes that are not UTF-8 have
 * become U+FFFD, which no file is called. The listing of a folder knows the bytes, so the name is looked up there.
 */
final class ExistingName implements ITypeConverter<Path> {
    private static final char REPLACEMENT = '\ufffd';

    @Override
    public Path convert(String text) {
        return of(Path.of(text));
    }

    /**
     * The path of the file that is shown under this name; the path itself if none is.
     *
     * @throws TypeConversionException if several files are shown under this name
     */
    static Path of(Path path) {
        if (path.toString().indexOf(REPLACEMENT) < 0 || Files.exists(path)) {
            return path;
        }
        Path parent = path.getParent();
        Path folder = parent == null ? Path.of("") : of(parent);
        Path name = path.getFileName();
        List<Path> alike = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(folder, entry -> shown(entry).equals(name.toString()))) {
            entries.forEach(alike::add);
        } catch (IOException e) {
            return path; // whoever opens it says what is wrong
        }
        if (alike.size() > 1) {
            throw new TypeConversionException(
                    "'" + path + "' are " + alike.size() + " files, whose names are not UTF-8");
        }
        return alike.isEmpty() ? folder.resolve(name) : alike.getFirst();
    }

    private static String shown(Path entry) {
        return entry.getFileName().toString();
    }
}
