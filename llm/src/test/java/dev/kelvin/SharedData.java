// SPDX-License-Identifier: Apache-2.0
package dev.kelvin;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The data that lies beside the checkout in {@code shared/data}, and is not part of it. Tests that need it run when it
 * is there and say aloud when it is not.
 */
public final class SharedData {
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

    private SharedData() {}

    /**
     * Looks for {@code ../shared/data/<relative>} from the working directory upwards.
     *
     * @param relative a path below {@code shared/data}, for example {@code "stories260K/stories260K.gguf"}
     * @return the file, or empty after one line on {@link System#out} that says what is missing (once for each file)
     */
    public static Optional<Path> find(String relative) {
        Path start = Path.of("").toAbsolutePath();
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            Path file = folder.resolve("../shared/data").resolve(relative).normalize();
            if (Files.exists(file)) {
                return Optional.of(file);
            }
        }
        if (SAID.add(relative)) {
            System.out.println("SKIPPED: no ../shared/data/" + relative + " beside " + start
                    + " or a folder above it; the tests that read it do not run");
        }
        return Optional.empty();
    }

    /**
     * Like {@link #find}, but ends the running test as skipped when the file is not there.
     *
     * @param relative a path below {@code shared/data}
     * @return the file
     */
    public static Path require(String relative) {
        Optional<Path> file = find(relative);
        assumeTrue(file.isPresent(), () -> "no ../shared/data/" + relative + " beside the checkout");
        return file.orElseThrow();
    }
}
