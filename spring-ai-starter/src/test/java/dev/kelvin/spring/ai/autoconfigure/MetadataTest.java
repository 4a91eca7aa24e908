// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;

/** What Boot finds in the jar, and what editors read of it. */
class MetadataTest {
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";

    private static List<String> names(String prefix, Class<?> properties) {
        List<String> names = new ArrayList<>();
        for (RecordComponent each : properties.getRecordComponents()) {
            String name =
                    prefix + "." + each.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (each.getType().isRecord()) {
                names.addAll(names(name, each.getType()));
            } else {
                names.add(name);
            }
        }
        return names;
    }

    /** Descriptions by name of property; those of Boot and Spring AI are in jars of their own. */
    private static Map<String, String> described() throws IOException {
        String own = KelvinProperties.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString();
        Map<String, String> found = new TreeMap<>();
        for (var url : Collections.list(MetadataTest.class.getClassLoader().getResources(METADATA))) {
            if (!url.toString().contains(own)) {
                continue;
            }
            try (InputStream in = url.openStream()) {
                Map<?, ?> metadata = (Map<?, ?>) JsonReader.read(in.readAllBytes());
                for (Object each : (List<?>) metadata.get("properties")) {
                    Map<?, ?> property = (Map<?, ?>) each;
                    found.put((String) property.get("name"), String.valueOf(property.get("description")));
                }
            }
        }
        return found;
    }

    @Test
    void editorsKnowEachProperty() throws IOException {
        Map<String, String> described = described();
        List<String> expected = names("kelvin", KelvinProperties.class);
        TreeSet<String> own = new TreeSet<>(described.keySet());
        own.removeIf(name -> !name.startsWith("kelvin."));
        assertEquals(new TreeSet<>(expected), own);
        described.forEach((name, text) -> assertTrue(text.length() > 20 && text.endsWith("."), name + ": " + text));
    }

    @Test
    void bootFindsTheConfigurations() {
        List<String> found = new ArrayList<>();
        ImportCandidates.load(AutoConfiguration.class, MetadataTest.class.getClassLoader())
                .forEach(found::add);
        assertTrue(found.containsAll(List.of(
                KelvinChatAutoConfiguration.class.getName(), KelvinEmbeddingAutoConfiguration.class.getName())));
    }
}
