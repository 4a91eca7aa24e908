// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The data that lies beside the checkout in {@code shared/data}, and is not part of it. */
final class SharedData {
    private SharedData() {}

    /** The file {@code ../shared/data/<relative>}, looked for upwards; without it, says so aloud and skips the test. */
    static Path require(String relative) {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path file = folder.resolve("../shared/data").resolve(relative).normalize();
            if (Files.exists(file)) {
                return file;
            }
        }
        System.out.println("SKIPPED: no ../shared/data/" + relative + " beside " + start + " or a folder above it");
        assumeTrue(false, "no ../shared/data/" + relative + " beside the checkout");
        throw new AssertionError("unreachable");
    }
}
