// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.generate.Kelvin;
import dev.kelvin.spring.ai.KelvinChatModel;
import dev.kelvin.spring.ai.KelvinChatOptions;
import dev.kelvin.spring.ai.KelvinEmbeddingModel;
import dev.kelvin.spring.ai.TestModels;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What an application gets by which properties. */
class KelvinAutoConfigurationTest {
    @TempDir
    static Path folder;

    private static String tiny;

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ToolCallingAutoConfiguration.class,
                    ChatClientAutoConfiguration.class,
                    KelvinChatAutoConfiguration.class,
                    KelvinEmbeddingAutoConfiguration.class))
            .withPropertyValues("kelvin.threads=2");

    private final ApplicationContextRunner withTiny = application.withPropertyValues("kelvin.model=" + tiny);

    enum Colour {
        RED,
        BLUE
    }

    record Flower(Colour colour, boolean wild) {}

    @BeforeAll
    static void write() throws IOException {
        tiny = TestModels.writeTiny(folder.resolve("tiny.gguf")).toString();
    }

    private static InvalidConfigurationPropertyValueException refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InvalidConfigurationPropertyValueException found) {
                return found;
            }
        }
        throw new AssertionError("no property is refused", failure);
    }

    @Test
    void aModelAnswersAndIsClosedWithTheContext() {
        List<Kelvin> opened = new ArrayList<>();
        withTiny.withPropertyValues("kelvin.chat.max-tokens=5", "kelvin.chat.seed=3")
                .run(context -> {
                    opened.add(context.getBean(Kelvin.class));
                    String text = context.getBean(ChatModel.class).call("Hello");
                    assertEquals(text, context.getBean(ChatModel.class).call("Hello"));
                    ChatClient client =
                            context.getBean(ChatClient.Builder.class).build();
                    assertEquals(text, client.prompt("Hello").call().content());
                    assertTrue(context.getBeansOfType(EmbeddingModel.class).isEmpty());
                });
        Kelvin kelvin = opened.getFirst();
        assertThrows(IllegalStateException.class, () -> kelvin.complete("Hello", _ -> {}));
    }

    @Test
    void eachPropertyOfTheChatIsAnOption() {
        withTiny.withPropertyValues(
                        "kelvin.name=mine",
                        "kelvin.chat.temperature=Infinity",
                        "kelvin.chat.top-k=7",
                        "kelvin.chat.top-p=0.5",
                        "kelvin.chat.min-p=0.25",
                        "kelvin.chat.frequency-penalty=0.1",
                        "kelvin.chat.presence-penalty=0.2",
                        "kelvin.chat.seed=42",
                        "kelvin.chat.max-tokens=9",
                        "kelvin.chat.stop=one,two",
                        "kelvin.chat.thinking=false",
                        "kelvin.chat.output-schema={\"type\":\"object\"}")
                .run(context -> assertEquals(
                        KelvinChatOptions.builder()
                                .model("mine")
                                .temperature(Double.POSITIVE_INFINITY)
                                .topK(7)
                                .topP(0.5)
                                .minP(0.25)
                                .frequencyPenalty(0.1)
                                .presencePenalty(0.2)
                                .seed(42L)
                                .maxTokens(9)
                                .stopSequences(List.of("one", "two"))
                                .thinking(false)
                                .outputSchema("{\"type\":\"object\"}")
                                .build(),
                        context.getBean(KelvinChatModel.class).getOptions()));
    }

    @Test
    void limitsAreThoseOfTheProperties() {
        withTiny.withPropertyValues(
                        "kelvin.kv-memory=1MB",
                        "kelvin.kv-type=f16",
                        "kelvin.sequences=3",
                        "kelvin.queued=5",
                        "kelvin.prefix-cache=false",
                        "kelvin.draft=4")
                .run(context -> {
                    KelvinProperties properties = context.getBean(KelvinProperties.class);
                    assertEquals(3, properties.limits().sequences());
                    assertEquals(5, properties.limits().queued());
                    assertEquals(4, properties.limits().draft());
                    assertFalse(properties.limits().prefixCache());
                    Kelvin kelvin = context.getBean(Kelvin.class);
                    assertEquals(1 << 20, kelvin.metrics().kvLimitBytes());
                    assertTrue(kelvin.contextLength() <= 4096);
                });
        withTiny.withPropertyValues("kelvin.sequences=0")
                .run(context -> assertTrue(context.getStartupFailure() != null));
    }

    @Test
    void aModelMayBeAResource() throws IOException {
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            application
                    .withClassLoader(loader)
                    .withPropertyValues("kelvin.model=classpath:tiny.gguf", "kelvin.chat.max-tokens=3")
                    .run(context -> {
                        assertEquals(
                                "tiny",
                                context.getBean(KelvinChatModel.class)
                                        .getOptions()
                                        .getModel());
                        assertFalse(
                                context.getBean(ChatModel.class).call("Hello").isEmpty());
                    });
        }
    }

    @Test
    void whatIsNoModelIsRefusedByItsProperty() {
        application.run(context -> assertEquals(
                "kelvin.model", refusal(context.getStartupFailure()).getName()));
        for (String wrong : List.of("nowhere.gguf", "classpath:nowhere.gguf", "../pom.xml")) {
            application.withPropertyValues("kelvin.model=" + wrong).run(context -> {
                InvalidConfigurationPropertyValueException refusal = refusal(context.getStartupFailure());
                assertEquals("kelvin.model", refusal.getName());
                assertEquals(wrong, refusal.getValue());
            });
        }
        withTiny.withPropertyValues("kelvin.threads=0")
                .run(context -> assertEquals(
                        "kelvin.threads", refusal(context.getStartupFailure()).getName()));
    }

    @Test
    void anotherModelMayBeChosen() {
        application.withPropertyValues("spring.ai.model.chat=openai").run(context -> {
            assertTrue(context.getBeansOfType(Kelvin.class).isEmpty());
            assertTrue(context.getBeansOfType(ChatModel.class).isEmpty());
        });
        withTiny.withPropertyValues("kelvin.embedding.model=" + tiny, "spring.ai.model.embedding=openai")
                .run(context ->
                        assertTrue(context.getBeansOfType(EmbeddingModel.class).isEmpty()));
    }

    @Test
    void beansOfTheApplicationComeFirst() throws IOException {
        try (Kelvin own = TestModels.open(Path.of(tiny))) {
            application.withBean("own", Kelvin.class, () -> own).run(context -> {
                assertSame(own, context.getBean(Kelvin.class));
                assertEquals(1, context.getBeansOfType(KelvinChatModel.class).size());
            });
        }
    }

    @Test
    void vectorsComeFromAModelOfTheirOwnOrThatOfTheChat() throws IOException {
        float[] expected;
        try (Kelvin kelvin = TestModels.open(Path.of(tiny))) {
            expected = kelvin.embed("a small dog");
        }
        List<Kelvin> opened = new ArrayList<>();
        application
                .withPropertyValues(
                        "kelvin.model=" + TestModels.stories(),
                        "kelvin.embedding.model=" + tiny,
                        "kelvin.embedding.name=vectors")
                .run(context -> {
                    opened.add(context.getBean("kelvinOfEmbeddings", Kelvin.class));
                    assertNotSame(opened.getFirst(), context.getBean(Kelvin.class));
                    EmbeddingModel model = context.getBean(EmbeddingModel.class);
                    assertArrayEquals(expected, model.embed("a small dog"));
                    assertEquals(
                            "vectors",
                            model.embedForResponse(List.of("a")).getMetadata().getModel());
                });
        assertThrows(IllegalStateException.class, () -> opened.getFirst().embed("a"));
        withTiny.withPropertyValues("spring.ai.model.embedding=kelvin").run(context -> {
            assertEquals(1, context.getBeansOfType(Kelvin.class).size());
            KelvinEmbeddingModel model = context.getBean(KelvinEmbeddingModel.class);
            assertArrayEquals(expected, model.embed("a small dog"));
        });
        application
                .withPropertyValues("kelvin.model=" + TestModels.stories(), "spring.ai.model.embedding=kelvin")
                .run(context -> assertTrue(
                        context.getStartupFailure().getMessage().contains("pooling"),
                        context.getStartupFailure().toString()));
    }

    /** The flower's text has nine places for blanks, each of at most forty: whatever is drawn, it ends. */
    @Test
    void entitiesKeepToTheirSchema() {
        withTiny.withPropertyValues("kelvin.chat.max-tokens=500").run(context -> {
            Flower flower = context.getBean(ChatClient.Builder.class)
                    .build()
                    .prompt("Which flower is it?")
                    .call()
                    .entity(Flower.class);
            assertTrue(flower.colour() != null);
        });
        withTiny.withPropertyValues("kelvin.chat.native-structured-output=false")
                .run(context -> assertTrue(context.getBeansOfType(ChatClientBuilderCustomizer.class)
                        .isEmpty()));
    }

    @Test
    void callsAreObservedByTheRegistryOfTheApplication() {
        List<String> names = new ArrayList<>();
        Supplier<ObservationRegistry> registry = () -> {
            ObservationRegistry watched = ObservationRegistry.create();
            watched.observationConfig().observationHandler(new ObservationHandler<>() {
                @Override
                public void onStop(Observation.Context context) {
                    names.add(context.getContextualName());
                }

                @Override
                public boolean supportsContext(Observation.Context context) {
                    return true;
                }
            });
            return watched;
        };
        withTiny.withBean(ObservationRegistry.class, registry)
                .withPropertyValues("spring.ai.model.embedding=kelvin", "kelvin.chat.max-tokens=2")
                .run(context -> {
                    context.getBean(ChatModel.class).call("Hello");
                    context.getBean(EmbeddingModel.class).embed("a");
                });
        assertEquals(List.of("chat tiny", "embedding tiny"), names);
    }
}
