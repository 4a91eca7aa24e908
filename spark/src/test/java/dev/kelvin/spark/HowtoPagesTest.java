// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kelvin.PageSnippets;
import dev.kelvin.PageSnippets.Snippet;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java of the page about Spark compiles. */
class HowtoPagesTest {
    private static final List<String> IMPORTS =
            List.of("dev.kelvin.spark.*", "org.apache.spark.sql.Dataset", "org.apache.spark.sql.Row");

    private static final String READER = """
            static org.apache.spark.sql.SparkSession spark;
            static Dataset<Row> questions, documents;
            """;

    @Test
    void everyBlockCompiles() throws IOException {
        List<Snippet> blocks = PageSnippets.blocks("docs/howto/spark.md");
        assertFalse(blocks.isEmpty());
        String classPath = System.getProperty("java.class.path");
        assertEquals(List.of(), PageSnippets.broken(blocks, IMPORTS, List.of(READER), classPath));
    }
}
