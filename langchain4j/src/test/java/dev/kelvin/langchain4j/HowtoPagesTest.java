// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kelvin.PageSnippets;
import dev.kelvin.PageSnippets.Snippet;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The Java of the page about LangChain4j compiles. */
class HowtoPagesTest {
    private static final List<String> IMPORTS = List.of(
            "dev.kelvin.generate.Kelvin",
            "dev.kelvin.langchain4j.*",
            "dev.langchain4j.model.*",
            "dev.langchain4j.model.chat.*",
            "dev.langchain4j.service.*",
            "java.nio.file.Path");

    private static final String READER = """
            interface Assistant {
                String chat(String message);
            }

            static class Calculator {}
            """;

    @Test
    void everyBlockCompiles() throws IOException {
        List<Snippet> blocks = PageSnippets.blocks("docs/howto/use-with-langchain4j.md");
        assertFalse(blocks.isEmpty());
        String classPath = System.getProperty("java.class.path");
        assertEquals(List.of(), PageSnippets.broken(blocks, IMPORTS, List.of(READER), classPath));
    }
}
