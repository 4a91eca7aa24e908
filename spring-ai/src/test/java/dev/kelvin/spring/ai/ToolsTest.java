// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.chat.ToolChoice;
import dev.kelvin.generate.Kelvin;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.function.FunctionToolCallback;

/** Tools are called through Spring AI, and JSON comes back as records: by a grammar, so that random weights will do. */
class ToolsTest {
    @TempDir
    static Path folder;

    private static Kelvin kelvin;

    private final List<Place> asked = Collections.synchronizedList(new ArrayList<>());

    /** What the model was shown, call by call. */
    private final List<List<Message>> shown = Collections.synchronizedList(new ArrayList<>());

    private KelvinChatModel model;

    enum City {
        OSLO,
        ROME
    }

    record Place(City city) {}

    enum Sky {
        CLEAR,
        CLOUDY
    }

    record Weather(Sky sky, boolean windy, Place place) {}

    @BeforeAll
    static void open() throws IOException {
        kelvin = TestModels.open(TestModels.writeTiny(folder.resolve("tiny.gguf")));
    }

    @AfterAll
    static void close() {
        kelvin.close();
    }

    @BeforeEach
    void build() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<ChatModelObservationContext>() {
            @Override
            public void onStart(ChatModelObservationContext context) {
                shown.add(context.getRequest().getInstructions());
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof ChatModelObservationContext;
            }
        });
        model = KelvinChatModel.builder(kelvin).observationRegistry(registry).build();
    }

    private ToolCallback weather() {
        return FunctionToolCallback.builder("weather", (Place place) -> {
                    asked.add(place);
                    return new Weather(Sky.CLEAR, true, place);
                })
                .description("The weather of a city.")
                .inputType(Place.class)
                .build();
    }

    private static KelvinChatOptions.Builder options() {
        return KelvinChatOptions.builder().seed(3L).maxTokens(300);
    }

    private ChatClient.ChatClientRequestSpec question(ToolChoice choice) {
        return ChatClient.create(model)
                .prompt()
                .user("What is the weather in Oslo?")
                .options(options().toolChoice(choice).parallelToolCalls(false))
                .tools(weather());
    }

    /** Of the two prompts the first has the question, the second also the call and what it gave. */
    private void assertCalledAndFedBack() {
        assertEquals(1, asked.size());
        assertEquals(2, shown.size());
        AssistantMessage call = (AssistantMessage) shown.get(1).get(shown.get(1).size() - 2);
        assertEquals("weather", call.getToolCalls().getFirst().name());
        ToolResponseMessage result = (ToolResponseMessage) shown.get(1).getLast();
        String data = result.getResponses().getFirst().responseData();
        assertTrue(
                data.contains("CLEAR") && data.contains(asked.getFirst().city().name()), data);
        assertEquals(
                call.getToolCalls().getFirst().id(),
                result.getResponses().getFirst().id());
    }

    @Test
    void aToolIsCalledAndItsResultFedBack() {
        ChatResponse response = question(ToolChoice.REQUIRED).call().chatResponse();
        assertCalledAndFedBack();
        assertFalse(response.hasToolCalls());
        assertFalse(response.getResult().getOutput().getText().isEmpty());
    }

    @Test
    void aToolIsCalledInAStream() {
        String text = question(ToolChoice.named("weather")).stream()
                .content()
                .toStream()
                .collect(Collectors.joining());
        assertCalledAndFedBack();
        assertFalse(text.isEmpty());
    }

    @Test
    void noneIsCalledWhereNoneMayBe() {
        question(ToolChoice.NONE).call().content();
        assertEquals(1, shown.size());
        assertTrue(asked.isEmpty());
    }

    @Test
    void callsAreToldAndLeftToWhoeverAsked() {
        KelvinChatOptions options = options()
                .toolChoice(ToolChoice.REQUIRED)
                .parallelToolCalls(false)
                .toolCallbacks(weather())
                .build();
        Prompt prompt = new Prompt("What is the weather in Oslo?", options);
        ChatResponse whole = model.call(prompt);
        assertTrue(whole.hasToolCalls() && asked.isEmpty());
        assertEquals("tool_calls", whole.getResult().getMetadata().getFinishReason());
        ChatResponse last = model.stream(prompt).blockLast();
        assertEquals(
                whole.getResult().getOutput().getToolCalls(),
                last.getResult().getOutput().getToolCalls());
        List<Message> history = ToolCallingManager.builder()
                .build()
                .executeToolCalls(prompt, whole)
                .conversationHistory();
        assertEquals(1, asked.size());
        ChatResponse next = model.call(new Prompt(history, options));
        assertFalse(next.hasToolCalls());
        assertTrue(next.getMetadata().getUsage().getPromptTokens()
                > whole.getMetadata().getUsage().getPromptTokens());
    }

    @Test
    void anEntityIsARecord() {
        ChatClient client = ChatClient.create(model);
        for (long seed = 0; seed < 5; seed++) {
            Weather weather = client.prompt()
                    .user("What is the weather in Oslo?")
                    .options(options().seed(seed).maxTokens(1500))
                    .call()
                    .entity(Weather.class, ChatClient.EntityParamSpec::useProviderStructuredOutput);
            assertTrue(weather.sky() != null && weather.place().city() != null, weather.toString());
        }
    }

    @Test
    void aSchemaIsKeptInAStream() {
        KelvinChatOptions options = options()
                .outputSchema("{\"type\": \"array\", \"items\": {\"enum\": [1, 2]}, \"minItems\": 3, \"maxItems\": 3}")
                .build();
        String json = model.stream(new Prompt("Three numbers.", options))
                .map(each -> each.getResult().getOutput().getText())
                .toStream()
                .collect(Collectors.joining());
        assertTrue(json.matches("\\s*\\[(\\s*[12]\\s*,){2}\\s*[12]\\s*\\]\\s*"), json);
    }
}
