// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The shapes of language models that tests and benchmarks share: the files of {@code shapes}, which come with the
 * program.
 */
final class Shapes {
    private Shapes() {}

    /**
     * The shapes of a file.
     *
     * @param name of the file, without its end
     * @return the numbers of a line each
     */
    static List<int[]> of(String name) {
        return text(name)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(Shapes::numbers)
                .toList();
    }

    /** The lengths of rows that models have; the file begins with edges that only tests want. */
    static List<Integer> models() {
        return text("rows")
                .lines()
                .dropWhile(line -> !line.startsWith("# Model"))
                .filter(line -> !line.startsWith("#"))
                .map(Integer::valueOf)
                .toList();
    }

    /** The numbers of a shape. */
    static int[] numbers(String shape) {
        return Arrays.stream(shape.split(" ", -1)).mapToInt(Integer::parseInt).toArray();
    }

    /** Numbers as the files write them. */
    static String line(int... numbers) {
        return String.join(
                " ", Arrays.stream(numbers).mapToObj(Integer::toString).toList());
    }

    private static String text(String name) {
        try (InputStream in = Shapes.class.getResourceAsStream("shapes/" + name + ".txt")) {
            if (in == null) {
                throw new IllegalStateException("the program lacks shapes/" + name + ".txt");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
