// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import dev.kelvin.api.ImportTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** This module's row of the import table in ARCHITECTURE.md, and what it needs of others. */
class ImportsTest {
    private static final String ROW =
            "spring.ai.autoconfigure spring-ai-starter tensor ops format format.hub model " + "generate spring.ai";

    @Test
    void importsAreThoseOfTheTable() {
        Map<String, Set<String>> archives = Map.of("spring-ai-starter", Set.of("java.base"));
        Map<String, List<String>> libraries =
                Map.of("spring-ai-starter", List.of("org.springframework.", "io.micrometer.observation"));
        new ImportTable(ROW, archives, libraries)
                .read("spring-ai-starter", Path.of("target/classes"))
                .check();
    }
}
