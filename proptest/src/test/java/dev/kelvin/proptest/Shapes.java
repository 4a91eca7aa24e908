// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The lists of shapes in the top-level folder {@code shapes}. */
final class Shapes {
    private Shapes() {}

    /** The lengths of rows. */
    static List<Integer> rows() {
        Path file = Path.of("..", "shapes", "rows.txt");
        try {
            List<Integer> rows = Files.readAllLines(file).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> Integer.valueOf(line.strip()))
                    .toList();
            if (rows.isEmpty()) {
                throw new IllegalStateException(file + " has no shapes");
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
