// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.Kelvin;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation.HighCardinalityKeyNames;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation.LowCardinalityKeyNames;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;
import org.springframework.ai.retry.NonTransientAiException;

/** What watchers are told: the names and tags of Spring AI's own models. */
class ObservationsTest {
    private static final String NAME = DefaultChatModelObservationConvention.DEFAULT_NAME;
    private static final Prompt PROMPT = new Prompt(
            "Tell me a story.",
            KelvinChatOptions.builder()
                    .seed(2L)
                    .maxTokens(6)
                    .temperature(0.5)
                    .stopSequences(List.of("never said"))
                    .build());

    @TempDir
    static Path folder;

    private static Kelvin kelvin;

    private final List<ChatResponse> answers = Collections.synchronizedList(new ArrayList<>());

    private TestObservationRegistry registry;
    private KelvinChatModel model;

    @BeforeAll
    static void open() throws IOException {
        kelvin = TestModels.open(TestModels.writeTiny(folder.resolve("tiny.gguf")));
    }

    @AfterAll
    static void close() {
        kelvin.close();
    }

    @BeforeEach
    void watch() {
        registry = TestObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<ChatModelObservationContext>() {
            @Override
            public void onStop(ChatModelObservationContext context) {
                if (context.getResponse() != null) {
                    answers.add(context.getResponse());
                }
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof ChatModelObservationContext;
            }
        });
        model = KelvinChatModel.builder(kelvin).observationRegistry(registry).build();
    }

    private void assertTold(ChatResponse response) {
        TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsWithNameEqualTo(NAME, 1)
                .hasObservationWithNameEqualTo(NAME)
                .that()
                .hasContextualNameEqualTo("chat tiny")
                .hasLowCardinalityKeyValue(LowCardinalityKeyNames.AI_PROVIDER.asString(), "kelvin")
                .hasLowCardinalityKeyValue(LowCardinalityKeyNames.REQUEST_MODEL.asString(), "tiny")
                .hasLowCardinalityKeyValue(LowCardinalityKeyNames.RESPONSE_MODEL.asString(), "tiny")
                .hasHighCardinalityKeyValue(HighCardinalityKeyNames.REQUEST_MAX_TOKENS.asString(), "6")
                .hasHighCardinalityKeyValue(HighCardinalityKeyNames.REQUEST_TEMPERATURE.asString(), "0.5")
                .hasHighCardinalityKeyValue(
                        HighCardinalityKeyNames.REQUEST_STOP_SEQUENCES.asString(), "[\"never said\"]")
                .hasHighCardinalityKeyValue(HighCardinalityKeyNames.RESPONSE_FINISH_REASONS.asString(), "[\"length\"]")
                .hasHighCardinalityKeyValue(HighCardinalityKeyNames.USAGE_OUTPUT_TOKENS.asString(), "6")
                .hasHighCardinalityKeyValue(
                        HighCardinalityKeyNames.USAGE_INPUT_TOKENS.asString(),
                        response.getMetadata().getUsage().getPromptTokens().toString())
                .hasBeenStarted()
                .hasBeenStopped();
    }

    /** A stream's observation ends just after the stream. */
    private static void eventually(Runnable assertion) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (true) {
            try {
                assertion.run();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    @Test
    void aCallIsObserved() {
        assertTold(model.call(PROMPT));
    }

    @Test
    void aStreamIsObservedWithItsWholeAnswer() {
        Observation parent = Observation.start("parent", registry);
        ChatResponse last = model.stream(PROMPT)
                .contextWrite(context -> context.put(ObservationThreadLocalAccessor.KEY, parent))
                .blockLast();
        parent.stop();
        eventually(() -> assertTold(last));
        String whole = model.call(PROMPT).getResult().getOutput().getText();
        TestObservationRegistryAssert.assertThat(registry)
                .hasAnObservation(each -> each.hasParentObservationEqualTo(parent)
                        .hasHighCardinalityKeyValue(HighCardinalityKeyNames.REQUEST_STREAM.asString(), "true"));
        assertEquals(
                whole, answers.getFirst().getResult().getOutput().getText(), "the whole answer, not its last piece");
    }

    @Test
    void failuresAreObserved() {
        Prompt wrong = new Prompt("Hello", KelvinChatOptions.builder().topP(3.0).build());
        assertThrows(NonTransientAiException.class, () -> model.call(wrong));
        assertThrows(NonTransientAiException.class, () -> model.stream(wrong).blockLast());
        eventually(() -> TestObservationRegistryAssert.assertThat(registry)
                .hasNumberOfObservationsWithNameEqualTo(NAME, 2)
                .forAllObservationsWithNameEqualTo(NAME, each -> each.hasError()));
    }

    @Test
    void aStreamThatIsCancelledIsOver() {
        model.stream(PROMPT).take(1).blockLast();
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo(NAME)
                .that()
                .hasBeenStopped()
                .doesNotHaveError();
    }

    @Test
    void aConventionOfOnesOwnIsUsed() {
        KelvinChatModel own = KelvinChatModel.builder(kelvin)
                .observationRegistry(registry)
                .observationConvention(new DefaultChatModelObservationConvention() {
                    @Override
                    public String getName() {
                        return "mine";
                    }
                })
                .build();
        own.call(PROMPT);
        TestObservationRegistryAssert.assertThat(registry).hasObservationWithNameEqualTo("mine");
    }

    @Test
    void vectorsAreObserved() {
        KelvinEmbeddingModel vectors = KelvinEmbeddingModel.builder(kelvin)
                .observationRegistry(registry)
                .build();
        int dim = vectors.embed("a small dog").length;
        TestObservationRegistryAssert.assertThat(registry)
                .hasObservationWithNameEqualTo(DefaultEmbeddingModelObservationConvention.DEFAULT_NAME)
                .that()
                .hasContextualNameEqualTo("embedding tiny")
                .hasLowCardinalityKeyValue(
                        EmbeddingModelObservationDocumentation.LowCardinalityKeyNames.AI_PROVIDER.asString(), "kelvin")
                .hasHighCardinalityKeyValue(
                        EmbeddingModelObservationDocumentation.HighCardinalityKeyNames.REQUEST_EMBEDDING_DIMENSIONS
                                .asString(),
                        Integer.toString(dim))
                .hasBeenStopped();
        assertTrue(dim > 0);
    }
}
