// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file behind a loss curve. */
class TrainingLogTest {
    @TempDir
    private Path folder;

    @Test
    void aLogThatCannotTakeItsNameLeavesNothingBehind() throws IOException {
        Path taken = folder.resolve("run.csv");
        Files.createDirectory(taken);
        Files.createFile(taken.resolve("kept"));
        TrainingLog log = new TrainingLog(taken);
        log.add(new TrainingStep(1, 2.5, Double.NaN, 0.01, 1, 100));
        assertThrows(IOException.class, log::write);
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(taken), files.toList());
        }
    }
}
