// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.api.ImportTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** This module's row of the import table in ARCHITECTURE.md, and what it needs of others. */
class ImportsTest {
    private static final String ROW =
            "langchain4j langchain4j format format.json tokenizer head chat converse generate";

    @Test
    void importsAreThoseOfTheTable() {
        Map<String, Set<String>> archives = Map.of("langchain4j", Set.of("java.base"));
        Map<String, List<String>> libraries = Map.of("langchain4j", List.of("dev.langchain4j."));
        new ImportTable(ROW, archives, libraries)
                .read("langchain4j", Path.of("target/classes"))
                .check();
    }
}
