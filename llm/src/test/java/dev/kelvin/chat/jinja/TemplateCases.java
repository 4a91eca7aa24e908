// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Renders the cases of the published templates and compares with what Jinja2 made of them. */
final class TemplateCases {
    /** When Jinja2 rendered them. */
    static final LocalDateTime NOW = LocalDateTime.of(2026, 11, 29, 12, 34, 56);

    private TemplateCases() {}

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> read(Path file) throws IOException {
        return (List<Map<String, Object>>) JsonReader.read(Files.readAllBytes(file));
    }

    /** Something that renders, or fails to. */
    @FunctionalInterface
    interface Rendering {
        String text() throws TemplateException;
    }

    /** What is wrong with a rendering, or null. */
    static String difference(Map<String, Object> expected, Rendering rendering) {
        String found;
        try {
            found = rendering.text();
        } catch (TemplateException e) {
            return difference(expected, e);
        }
        if (expected.get("error") instanceof Map<?, ?> error) {
            return "expected " + error + ", found " + found;
        }
        String text = (String) expected.get("expected");
        return text.equals(found) ? null : "expected " + text + "\nfound " + found;
    }

    private static String difference(Map<String, Object> expected, TemplateException found) {
        if (!(expected.get("error") instanceof Map<?, ?> error)) {
            return "expected " + expected.get("expected") + "\nfound " + found;
        }
        boolean kind = error.get("kind").equals(found.kind().name().toLowerCase(Locale.ROOT));
        boolean message = found.kind() != TemplateException.Kind.RAISED
                || error.get("message").equals(found.problem());
        boolean place = found.line() > 0 && found.column() > 0;
        return kind && message && place ? null : "expected " + error + "\nfound " + found.kind() + " " + found;
    }
}
