// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Conversations with what is expected of them. A case has {@code messages}, {@code tools} and {@code documents}, which
 * are not passed where they are missing, and {@code variables} or {@code context}; it may bring its own
 * {@code template}; and it has either {@code expected} or {@code error} with a {@code kind}.
 */
final class TemplateCases {
    /** When such cases were rendered. */
    static final LocalDateTime NOW = LocalDateTime.of(2026, 11, 29, 12, 34, 56);

    private final CaseCount count;
    private final ChatTemplate template;
    private final LocalDateTime now;

    /** @param template of the cases that bring none; null if all do */
    TemplateCases(Terminal terminal, ChatTemplate template, LocalDateTime now) {
        this.count = new CaseCount(terminal);
        this.template = template;
        this.now = now;
    }

    void run(Path file) throws IOException {
        if (!(JsonReader.read(Files.readAllBytes(file)) instanceof List<?> cases)) {
            throw new IllegalArgumentException(file + ": expected a list of cases");
        }
        for (Object each : cases) {
            if (!(each instanceof Map<?, ?> fields)) {
                throw new IllegalArgumentException(file + ": expected a list of objects");
            }
            one(fields);
        }
        count.end();
    }

    private void one(Map<?, ?> fields) {
        String name = String.valueOf(fields.containsKey("case") ? fields.get("case") : fields.get("name"));
        String found;
        try {
            ChatTemplate own = fields.get("template") instanceof String source ? ChatTemplate.of(source) : template;
            if (own == null) {
                throw new IllegalArgumentException("case " + name + " brings no template: give --model or --file");
            }
            found = own.render(variables(fields), now);
        } catch (TemplateException e) {
            error(name, fields.get("error"), e);
            return;
        }
        if (fields.get("error") instanceof Map<?, ?> error) {
            count.failed(name, "expected an error, " + error.get("message") + ", found " + found);
            return;
        }
        Object expected = fields.get("expected");
        count.count(found.equals(expected), name, () -> "expected " + expected + ", found " + found);
        if (found.equals(expected) && fields.get("continued") instanceof String continued) {
            count.count(
                    ChatTemplate.continued(found, messages(fields)).equals(continued),
                    name + " continued",
                    () -> "expected " + continued);
        }
    }

    @SuppressWarnings("unchecked") // JSON's maps have strings as keys
    private static List<Map<String, Object>> messages(Map<?, ?> fields) {
        return (List<Map<String, Object>>) fields.get("messages");
    }

    private static Map<String, Object> variables(Map<?, ?> fields) {
        Map<String, Object> variables = new LinkedHashMap<>();
        for (String key : List.of("variables", "context")) {
            if (fields.get(key) instanceof Map<?, ?> map) {
                map.forEach((name, value) -> variables.put((String) name, value));
            }
        }
        for (String key : List.of("messages", "tools", "documents")) {
            if (fields.containsKey(key)) {
                variables.put(key, fields.get(key));
            }
        }
        return variables;
    }

    /** Of an error the kind counts; of one that the template raised, its message too. */
    private void error(String name, Object expected, TemplateException found) {
        boolean asExpected = expected instanceof Map<?, ?> error
                && found.kind().name().toLowerCase(Locale.ROOT).equals(error.get("kind"))
                && (found.kind() != TemplateException.Kind.RAISED
                        || found.problem().equals(error.get("message")));
        count.count(asExpected, name, found::getMessage);
    }
}
