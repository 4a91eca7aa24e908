// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.SharedData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The corners of Jinja, as Jinja2 3.1.2 renders them. */
class SemanticsTest {
    @Test
    @SuppressWarnings("unchecked")
    void eachSnippetIsRenderedAsJinjaDoes() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map<String, Object> snippet : TemplateCases.read(SharedData.require("templates/semantics.json"))) {
            Map<String, Object> variables = (Map<String, Object>) snippet.getOrDefault("context", Map.of());
            String difference =
                    TemplateCases.difference(snippet, () -> Template.compile((String) snippet.get("template"))
                            .render(variables, TemplateCases.NOW, Limits.DEFAULT));
            if (difference != null) {
                wrong.add(snippet.get("name") + ": " + snippet.get("template") + "\n" + difference);
            }
        }
        assertEquals("", String.join("\n\n", wrong));
    }
}
