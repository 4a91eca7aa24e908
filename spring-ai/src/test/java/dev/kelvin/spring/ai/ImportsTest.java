// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.api.ImportTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** This module's row of the import table in ARCHITECTURE.md, and what it needs of others. */
class ImportsTest {
    private static final String ROW = "spring.ai spring-ai format format.json tokenizer head generate chat converse";

    @Test
    void importsAreThoseOfTheTable() {
        Map<String, Set<String>> archives = Map.of("spring-ai", Set.of("java.base"));
        Map<String, List<String>> libraries = Map.of(
                "spring-ai",
                List.of("org.springframework.ai.", "io.micrometer.observation", "reactor.", "org.reactivestreams"));
        new ImportTable(ROW, archives, libraries)
                .read("spring-ai", Path.of("target/classes"))
                .check();
    }
}
