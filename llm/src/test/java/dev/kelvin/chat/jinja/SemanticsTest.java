// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.kelvin.SharedData;
import dev.kelvin.format.json.JsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** More of them, rendered by Jinja2 3.1.2 for this project with these variables. */
    @Test
    @SuppressWarnings("unchecked")
    void moreCorners() throws IOException {
        Map<String, Object> variables = Map.of(
                "v",
                9,
                "messages",
                List.of(
                        Map.of("role", "system", "content", "sys"),
                        Map.of("role", "user", "content", "hello"),
                        Map.of("role", "assistant", "content", "hi")));
        List<String> wrong = new ArrayList<>();
        try (InputStream corners = SemanticsTest.class.getResourceAsStream("corners.json")) {
            for (Object each : (List<?>) JsonReader.read(corners.readAllBytes())) {
                Map<String, Object> snippet = (Map<String, Object>) each;
                String difference =
                        TemplateCases.difference(snippet, () -> Template.compile((String) snippet.get("template"))
                                .render(variables, TemplateCases.NOW, Limits.DEFAULT));
                if (difference != null) {
                    wrong.add(snippet.get("template") + "\n" + difference);
                }
            }
        }
        assertEquals("", String.join("\n\n", wrong));
    }

    /**
     * Random templates, rendered by Jinja2 3.1.6 with the same environment as the others; what only says where Python
     * keeps an object, or that a filter is not run before it is looked at, is left out.
     */
    @Test
    @SuppressWarnings("unchecked")
    void randomTemplates() throws IOException {
        List<String> wrong = new ArrayList<>();
        try (InputStream file = SemanticsTest.class.getResourceAsStream("random.json")) {
            Map<String, Object> random = (Map<String, Object>) JsonReader.read(file.readAllBytes());
            Map<String, Object> variables = (Map<String, Object>) random.get("context");
            for (Object each : (List<?>) random.get("cases")) {
                Map<String, Object> snippet = (Map<String, Object>) each;
                String difference =
                        TemplateCases.difference(snippet, () -> Template.compile((String) snippet.get("template"))
                                .render(variables, TemplateCases.NOW, Limits.DEFAULT));
                if (difference != null) {
                    wrong.add(snippet.get("template") + "\n" + difference);
                }
            }
        }
        assertEquals("", String.join("\n\n", wrong));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m(x) %}{{ m([x]) }}{% endmacro %}{{ m(1) }}",
                "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(s=[1]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
                "{% set ns = namespace(s=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}"
                        + "{{ ns.s | tojson }}",
                "{% set ns = namespace(s=[]) %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}",
                "{{ 'x' * 1000000000000 }}",
                "{{ [0] * 1000000000000 }}",
                "{{ 10 ** 1000000000 }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '{:>1000000000}'.format(1) }}",
                "{{ 'a'.ljust(1000000000) }}",
                "{{ [1] | tojson(indent=1000000000) }}",
                "{{ [1] | batch(1000000000, 0) | list }}",
                "{{ [1] | slice(1000000000) | list }}",
                "{{ 'a' | indent(1000000000, true) }}",
                "{{ lipsum(1000000000) }}",
                "{% set a = 'a' * 4000000 %}{% for i in range(10000) %}{{ a | length }}{% endfor %}",
                "{% set a = 'a' * 1000000 %}{% for i in range(10000) %}{% if a.find('b') %}{% endif %}{% endfor %}"
            })
    void whatWouldTakeForeverEndsInAnError(String source) {
        TemplateException error = assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThrows(TemplateException.class, () -> Template.compile(source)
                        .render(Map.of(), TemplateCases.NOW, Limits.DEFAULT)));
        assertEquals(TemplateException.Kind.RUNTIME, error.kind());
    }

    @Test
    void deepNestingEndsInAnError() {
        for (String source : List.of(
                "{{ " + "(".repeat(100_000),
                "{{ " + "[".repeat(100_000),
                "{{ " + "not ".repeat(100_000) + "1 }}",
                "{{ " + "-".repeat(100_000) + "1 }}",
                "{{ 1" + " + 1".repeat(100_000) + " }}",
                "{{ x" + ".a".repeat(100_000) + " }}",
                "{{ x" + " | list".repeat(100_000) + " }}",
                "{% if 1 %}".repeat(100_000))) {
            assertEquals(
                    TemplateException.Kind.SYNTAX,
                    assertThrows(TemplateException.class, () -> Template.compile(source))
                            .kind());
        }
    }
}
