// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.api.ImportTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** This module's row of the import table in ARCHITECTURE.md, and what it needs of others. */
class ImportsTest {
    private static final String ROW =
            "spark spark tensor ops head format format.json format.hub tokenizer plan nn model "
                    + "generate chat chat.jinja constraint converse";

    @Test
    void importsAreThoseOfTheTable() {
        Map<String, Set<String>> archives = Map.of("spark", Set.of("java.base", "java.sql"));
        Map<String, List<String>> libraries = Map.of("spark", List.of("org.apache.spark", "scala"));
        new ImportTable(ROW, archives, libraries)
                .read("spark", Path.of("target/classes"))
                .check();
    }
}
