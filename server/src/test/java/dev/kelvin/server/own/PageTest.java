// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PageTest {
    @Test
    void everyFileOfThePageIsServed() throws IOException {
        try (var files = Files.list(Path.of("src/main/resources/dev/kelvin/server/page"))) {
            assertEquals(
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)),
                    new TreeSet<>(Page.FILES));
        }
    }
}
