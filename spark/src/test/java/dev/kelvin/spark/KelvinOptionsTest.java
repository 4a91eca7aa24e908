// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class KelvinOptionsTest {
    private static final LocalDateTime NOON = LocalDateTime.of(2026, 1, 2, 12, 0);

    private static final List<UnaryOperator<KelvinOptions.Builder>> ALL = List.of(
            options -> options.seed(3),
            options -> options.keyColumn("id"),
            options -> options.maxTokens(9),
            options -> options.temperature(0),
            options -> options.temperature(Float.POSITIVE_INFINITY),
            options -> options.samplers("top-k=3,temperature=2"),
            options -> options.stops("a", "b"),
            options -> options.jsonSchema("{}"),
            options -> options.grammar("root ::= \"a\""),
            options -> options.chat().time(NOON),
            options -> options.system("s").time(NOON),
            options -> options.template("{{ messages }}").time(NOON),
            options -> options.outputColumn("o"),
            options -> options.errors(ErrorPolicy.COLUMN),
            options -> options.threads(2),
            options -> options.rowsAtOnce(2),
            options -> options.kvMemory(2),
            options -> options.idle(Duration.ZERO));

    private static KelvinOptions.Builder builder() {
        return KelvinOptions.builder("m.gguf");
    }

    @Test
    void eachOptionTravelsAndMakesADifference() throws IOException, ClassNotFoundException {
        KelvinOptions standard = builder().build();
        for (UnaryOperator<KelvinOptions.Builder> each : ALL) {
            KelvinOptions options = each.apply(builder()).build();
            KelvinOptions copy = copy(options);
            assertEquals(options, copy);
            assertEquals(options.hashCode(), copy.hashCode());
            assertNotEquals(standard, copy, copy.toString());
        }
    }

    private static KelvinOptions copy(KelvinOptions options) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(options);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (KelvinOptions) in.readObject();
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        refused("no name", () -> KelvinOptions.builder(" "));
        refused("maxTokens", () -> builder().maxTokens(-1).build());
        refused("temperature", () -> builder().temperature(Float.NaN).build());
        refused("no sampler", () -> builder().samplers("top-q=1").build());
        refused(
                "own temperature",
                () -> builder().samplers("greedy").temperature(1).build());
        refused("stop", () -> builder().stops("").build());
        refused(
                "not both",
                () -> builder().jsonSchema("{}").grammar("root ::= \"a\"").build());
        refused("no JSON", () -> builder().jsonSchema("{").build());
        refused(
                "uniqueItems",
                () -> builder().jsonSchema("{\"uniqueItems\": true}").build());
        refused("grammar", () -> builder().grammar("root").build());
        refused("template", () -> builder().template("{% for %}").build());
        refused("threads", () -> builder().threads(-1).build());
        refused("rowsAtOnce", () -> builder().rowsAtOnce(0).build());
        refused("kvMemory", () -> builder().kvMemory(-1).build());
        refused("idle", () -> builder().idle(Duration.ofSeconds(-1)).build());
    }

    private static void refused(String message, Runnable action) {
        Exception e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }
}
