// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The lists of shapes in the top-level folder {@code shapes}. */
final class Shapes {
    private Shapes() {}

    /** The lengths of rows. */
    static List<Integer> rows() {
        return lines("rows.txt").stream().map(Integer::valueOf).toList();
    }

    /** H, Hkv, Dh and t of attention. */
    static List<int[]> attention() {
        return lines("attention.txt").stream()
                .map(line -> Arrays.stream(line.split(" ", -1))
                        .mapToInt(Integer::parseInt)
                        .toArray())
                .toList();
    }

    private static List<String> lines(String name) {
        Path file = Path.of("..", "shapes", name);
        try {
            List<String> lines = Files.readAllLines(file).stream()
                    .filter(line -> !line.startsWith("#"))
                    .map(String::strip)
                    .toList();
            if (lines.isEmpty()) {
                throw new IllegalStateException(file + " has no shapes");
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
