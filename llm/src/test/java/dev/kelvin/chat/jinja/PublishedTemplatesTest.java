// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Published templates, rendered to the letter. */
class PublishedTemplatesTest {
    @Test
    @SuppressWarnings("unchecked")
    void eachConversationIsRenderedAsJinjaDoes() throws IOException, TemplateException {
        List<String> wrong = new ArrayList<>();
        int count = 0;
        try (DirectoryStream<Path> templates = Files.newDirectoryStream(SharedData.require("templates"), "*.jinja")) {
            for (Path file : templates) {
                String name = file.getFileName().toString().replace(".jinja", "");
                Template template = Template.compile(Files.readString(file));
                for (Map<String, Object> each : TemplateCases.read(file.resolveSibling(name + ".json"))) {
                    Map<String, Object> variables = new LinkedHashMap<>((Map<String, Object>) each.get("variables"));
                    for (String key : List.of("messages", "tools", "documents")) {
                        if (each.containsKey(key)) {
                            variables.put(key, each.get(key));
                        }
                    }
                    count++;
                    String difference = TemplateCases.difference(
                            each, () -> template.render(variables, TemplateCases.NOW, Limits.DEFAULT));
                    if (difference != null) {
                        wrong.add(name + ", " + each.get("case") + ": " + difference);
                    }
                }
            }
        }
        assertTrue(count > 0, "no templates");
        assertEquals(List.of(), wrong.subList(0, Math.min(10, wrong.size())), wrong.size() + " of " + count);
    }
}
