// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** Options keep what they are told, and become samplers. */
class KelvinChatOptionsTest {
    /** Each says one thing. */
    private static final List<Consumer<KelvinChatOptions.Builder>> EACH = List.of(
            builder -> builder.model("other"),
            builder -> builder.temperature(0.1),
            builder -> builder.topK(3),
            builder -> builder.topP(0.4),
            builder -> builder.minP(0.2),
            builder -> builder.seed(9L),
            builder -> builder.maxTokens(12),
            builder -> builder.stopSequences(List.of("stop")),
            builder -> builder.frequencyPenalty(0.5),
            builder -> builder.presencePenalty(0.6),
            builder -> builder.outputSchema("{\"type\":\"object\"}"),
            builder -> builder.responseFormat(ResponseFormat.gbnf("root ::= \"a\"")),
            builder -> builder.toolChoice(ToolChoice.NONE),
            builder -> builder.parallelToolCalls(false),
            builder -> builder.thinking(true),
            builder -> builder.toolContext("key", "value"),
            builder -> builder.toolCallbacks(FunctionToolCallback.builder("now", () -> "noon")
                    .description("The time.")
                    .inputType(Void.class)
                    .build()));

    @Test
    void eachIsKeptByCopiesAndTellsOptionsApart() {
        KelvinChatOptions none = KelvinChatOptions.builder().build();
        for (int i = 0; i < EACH.size(); i++) {
            KelvinChatOptions.Builder builder = KelvinChatOptions.builder();
            EACH.get(i).accept(builder);
            KelvinChatOptions said = builder.build();
            assertNotEquals(none, said, "option " + i);
            assertEquals(said, said.mutate().build(), "option " + i);
            assertEquals(said.hashCode(), said.mutate().build().hashCode(), "option " + i);
            assertEquals(said, builder.clone().build(), "option " + i);
            assertEquals(said, none.mutate().combineWith(builder).build(), "option " + i);
            assertEquals(
                    said,
                    builder.combineWith(KelvinChatOptions.builder()).build(),
                    "option " + i + " and others that say nothing");
        }
    }

    @Test
    void whatIsSaidLaterCounts() {
        KelvinChatOptions mine = KelvinChatOptions.builder()
                .minP(0.1)
                .seed(1L)
                .temperature(0.5)
                .thinking(false)
                .build();
        KelvinChatOptions both = mine.mutate()
                .combineWith(KelvinChatOptions.builder().seed(2L).thinking(true))
                .combineWith(ChatOptions.builder().temperature(0.9))
                .build();
        assertEquals(0.1, both.getMinP());
        assertEquals(2L, both.getSeed());
        assertEquals(true, both.getThinking());
        assertEquals(0.9, both.getTemperature());
    }

    @Test
    void aSchemaIsAFormat() {
        KelvinChatOptions.Builder builder = KelvinChatOptions.builder().outputSchema("{\"type\": \"object\"}");
        assertEquals("{\"type\":\"object\"}", builder.build().getOutputSchema().replace(" ", ""));
        assertEquals(
                ResponseFormat.schema(Map.of("type", "object")), builder.build().getResponseFormat());
        assertNull(builder.outputSchema(null).build().getResponseFormat());
        assertNull(builder.responseFormat(ResponseFormat.TEXT).build().getOutputSchema());
    }

    @Test
    void samplersAreThoseOfKelvinWhereNothingIsSaid() {
        assertEquals(
                Kelvin.STANDARD.samplers(),
                ChatRequests.samplers(KelvinChatOptions.builder().build()));
        assertEquals(
                List.of(
                        new Penalties(-1, 1, 0.5f, -0.25f),
                        new TopK(7),
                        new TopP(0.5f),
                        new MinP(0.125f),
                        new Temperature(Float.POSITIVE_INFINITY)),
                ChatRequests.samplers(KelvinChatOptions.builder()
                        .frequencyPenalty(0.5)
                        .presencePenalty(-0.25)
                        .topK(7)
                        .topP(0.5)
                        .minP(0.125)
                        .temperature(Double.POSITIVE_INFINITY)
                        .build()));
        assertTrue(ChatRequests.samplers(
                        KelvinChatOptions.builder().presencePenalty(1.0).build())
                .contains(new Penalties(-1, 1, 0, 1)));
    }
}
