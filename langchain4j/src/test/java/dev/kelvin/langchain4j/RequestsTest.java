// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of LangChain4j's requests. */
class RequestsTest {
    private static final int CONTEXT = 99;

    private static dev.kelvin.converse.ChatRequest of(ChatRequestParameters parameters, ChatMessage... messages) {
        ChatRequest request =
                ChatRequest.builder().messages(messages).parameters(parameters).build();
        return Requests.of(request, CONTEXT, true);
    }

    private static dev.kelvin.converse.ChatRequest of(ChatRequestParameters parameters) {
        return of(parameters, UserMessage.from("hi"));
    }

    private static List<Message> messages(ChatMessage... messages) {
        return of(KelvinChatRequestParameters.EMPTY, messages).conversation().messages();
    }

    @Test
    void whatIsLeftOpenIsKelvinsStandard() {
        GenerateOptions options =
                of(KelvinChatRequestParameters.EMPTY).generation().options();
        assertThat(options.samplers()).isEqualTo(Kelvin.STANDARD.samplers());
        assertThat(options.seed()).isEqualTo(Kelvin.STANDARD.seed());
        assertThat(options.maxTokens()).isEqualTo(CONTEXT);
    }

    @Test
    void everyParameterArrives() {
        dev.kelvin.converse.ChatRequest request = of(KelvinChatRequestParameters.builder()
                .temperature(0.5)
                .topP(0.25)
                .topK(3)
                .minP(0.125)
                .frequencyPenalty(0.75)
                .presencePenalty(-0.5)
                .maxOutputTokens(7)
                .seed(42L)
                .topLogProbs(2)
                .thinking(false)
                .stopSequences("x", "y")
                .toolSpecifications(
                        ToolSpecification.builder().name("t").description("d").build())
                .toolChoice(dev.langchain4j.model.chat.request.ToolChoice.REQUIRED)
                .responseFormat(dev.langchain4j.model.chat.request.ResponseFormat.JSON)
                .build());
        assertThat(request.generation().options())
                .isEqualTo(new GenerateOptions(
                        7,
                        42,
                        List.of(
                                new Penalties(-1, 1, 0.75f, -0.5f),
                                new TopK(3),
                                new TopP(0.25f),
                                new MinP(0.125f),
                                new Temperature(0.5f))));
        assertThat(request.generation().stops()).containsExactly("x", "y");
        assertThat(request.generation().topLogProbs()).isEqualTo(2);
        assertThat(request.conversation().values()).isEqualTo(Map.of("enable_thinking", false));
        assertThat(request.conversation().tools()).singleElement().satisfies(tool -> {
            assertThat(tool.name()).isEqualTo("t");
            assertThat(tool.description()).isEqualTo("d");
            assertThat(tool.parameters()).isEqualTo(JsonSchemas.NOTHING);
        });
        assertThat(request.toolChoice()).isEqualTo(ToolChoice.REQUIRED);
        assertThat(request.format()).isEqualTo(ResponseFormat.JSON_OBJECT);
    }

    @Test
    void parametersOfOthersAreTaken() {
        assertThat(of(ChatRequestParameters.builder().topK(5).build())
                        .generation()
                        .options()
                        .samplers())
                .contains(new TopK(5));
    }

    @Test
    void messagesKeepAllThatTheyHave() {
        ToolExecutionRequest call = ToolExecutionRequest.builder()
                .id("1")
                .name("t")
                .arguments("{\"a\": 1}")
                .build();
        AiMessage answer = AiMessage.builder()
                .text("so")
                .thinking("hm")
                .toolExecutionRequests(List.of(call))
                .build();
        assertThat(messages(
                        SystemMessage.from("s"),
                        UserMessage.from("Ada", TextContent.from("a"), TextContent.from("b")),
                        answer,
                        ToolExecutionResultMessage.from(call, "r")))
                .containsExactly(
                        Message.system("s"),
                        new Message(Role.USER, "a\nb", "", List.of(), "", "Ada"),
                        Message.assistant("so")
                                .withReasoning("hm")
                                .withToolCalls(List.of(new ToolCall("1", "t", Map.of("a", 1L)))),
                        Message.toolResult("1", "t", "r"));
    }

    @Test
    void thoughtsAreShownOnlyIfTheyAreMeantToBe() {
        ChatRequest request = ChatRequest.builder()
                .messages(AiMessage.builder().text("so").thinking("hm").build())
                .build();
        assertThat(Requests.of(request, CONTEXT, false).conversation().messages())
                .containsExactly(Message.assistant("so"));
    }

    @Test
    void whatIsNoTextIsRefused() {
        assertThatThrownBy(() -> messages(UserMessage.from(ImageContent.from("http://localhost/cat.png"))))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessage("kelvin: non-text content of a message is not supported, such as image");
        assertThatThrownBy(() -> messages(CustomMessage.from(Map.of("a", "b"))))
                .isInstanceOf(UnsupportedFeatureException.class);
    }

    @Test
    void callsWithoutSoundArgumentsAreRefused() {
        for (String arguments : List.of("{", "[1]")) {
            AiMessage message = AiMessage.from(ToolExecutionRequest.builder()
                    .name("t")
                    .arguments(arguments)
                    .build());
            assertThatThrownBy(() -> messages(message))
                    .isInstanceOf(InvalidRequestException.class)
                    .hasMessageContaining("'t'");
        }
        AiMessage none = AiMessage.from(ToolExecutionRequest.builder().name("t").build());
        assertThat(messages(none))
                .containsExactly(Message.assistant("").withToolCalls(List.of(new ToolCall("", "t", Map.of()))));
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        assertThatThrownBy(() -> of(ChatRequestParameters.builder().topP(1.5).build()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
