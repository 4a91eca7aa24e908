// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.RefusalCost;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Templates as long as a model's file may have them, and longer, that are no Jinja: refused soon, in little memory. */
class HostileTemplatesTest {
    private static final int LONG = 130_000;

    enum Hostile {
        BRACKETS("{{ " + "[".repeat(LONG)),
        SUM("{{ 1" + "+1".repeat(LONG / 2) + " }}"),
        NOTS("{{ " + "not ".repeat(LONG / 4)),
        SIGNS("{{ " + "-".repeat(LONG)),
        FILTERS("{{ a" + "|f".repeat(LONG / 2)),
        ATTRIBUTES("{{ a" + ".b".repeat(LONG / 2)),
        CONDITIONS("{% if a %}".repeat(LONG / 10)),
        ALTERNATIVES("{% if a %}" + "{% elif a %}".repeat(LONG / 12)),
        LOOPS("{% for a in a %}".repeat(LONG / 16)),
        OUTPUTS("{{a}}".repeat(LONG / 5) + "{{"),
        COMMENTS("{##}".repeat(LONG / 4) + "{#"),
        RAW("{% raw %}" + "{% ".repeat(LONG / 3)),
        DIGITS("{{ " + "7".repeat(LONG)),
        FRACTION("{{ 0." + "7".repeat(LONG)),
        TEXT("{{ '" + "\\\\".repeat(LONG / 2)),
        NAME("{{ " + "\u00e9".repeat(LONG)),
        BEYOND_ASCII("\u20ac".repeat(LONG) + "{%"),
        LONGER("{{a}}".repeat(40 * LONG));

        private final String source;

        Hostile(String source) {
            this.source = source;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedSoon(Hostile hostile) throws IOException {
        RefusalCost.Cost cost = RefusalCost.require(hostile.name(), () -> {
            TemplateException refusal = assertThrows(TemplateException.class, () -> ChatTemplate.of(hostile.source));
            assertEquals(TemplateException.Kind.SYNTAX, refusal.kind());
        });
        System.out.println(hostile + ": " + cost);
    }
}
