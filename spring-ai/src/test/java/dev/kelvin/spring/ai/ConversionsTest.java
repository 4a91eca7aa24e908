// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.StopReason;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;

/** Messages, responses and failures on their way from and to Spring AI. */
class ConversionsTest {
    private static final ChatResponses RESPONSES = new ChatResponses("tiny", 5);

    private static ChatAnswer answer(StopReason reason, List<ToolCall> calls) {
        Message message = new Message(Role.ASSISTANT, "It is clear.", "Clear or cloudy?", calls, "", "");
        return new ChatAnswer(message, reason, 4, new Generation(7, 3, 9, 8, 1, 1, 1, reason));
    }

    @Test
    void messagesKeepRolesCallsAndThoughts() {
        AssistantMessage.ToolCall call =
                new AssistantMessage.ToolCall("id1", "function", "weather", "{\"city\": \"Oslo\", \"days\": 2}");
        List<Message> messages = PromptMessages.of(List.of(
                new SystemMessage("Be brief."),
                new UserMessage("Weather?"),
                AssistantMessage.builder()
                        .toolCalls(List.of(call))
                        .properties(Map.of(ChatResponses.THOUGHTS, "Which city?"))
                        .build(),
                ToolResponseMessage.builder()
                        .responses(List.of(
                                new ToolResponseMessage.ToolResponse("id1", "weather", "clear"),
                                new ToolResponseMessage.ToolResponse("id2", "time", "noon")))
                        .build(),
                new AssistantMessage("Clear at noon.")));
        assertEquals(
                List.of(
                        Message.system("Be brief."),
                        Message.user("Weather?"),
                        new Message(
                                Role.ASSISTANT,
                                "",
                                "Which city?",
                                List.of(new ToolCall("id1", "weather", Map.of("city", "Oslo", "days", 2L))),
                                "",
                                ""),
                        Message.toolResult("id1", "weather", "clear"),
                        Message.toolResult("id2", "time", "noon"),
                        Message.assistant("Clear at noon.")),
                messages);
    }

    @Test
    void aWholeAnswerHasItsThoughts() {
        ChatResponse response = RESPONSES.whole(answer(StopReason.END_OF_TEXT, List.of()));
        AssistantMessage message = response.getResult().getOutput();
        assertEquals("It is clear.", message.getText());
        assertEquals("Clear or cloudy?", message.getMetadata().get(ChatResponses.THINKING));
        assertEquals("stop", response.getResult().getMetadata().getFinishReason());
        assertEquals(7, response.getMetadata().getUsage().getPromptTokens());
        assertEquals(9, response.getMetadata().getUsage().getCompletionTokens());
        assertEquals(3L, response.getMetadata().getUsage().getCacheReadInputTokens());
        assertEquals(
                Message.assistant("It is clear.").withReasoning("Clear or cloudy?"),
                PromptMessages.of(List.of(message)).getFirst());
    }

    @Test
    void aStreamTellsThoughtsPieceByPieceAndAllOfThemAtItsEnd() {
        AssistantMessage piece = RESPONSES.thinking("Clear or").getResult().getOutput();
        assertEquals("", piece.getText());
        assertEquals("Clear or", piece.getMetadata().get(ChatResponses.THINKING));
        ToolCall call = new ToolCall("id1", "weather", Map.of("city", "Oslo"));
        ChatResponse last = RESPONSES.last(answer(StopReason.STOP_TEXT, List.of(call)));
        AssistantMessage end = last.getResult().getOutput();
        assertEquals("", end.getText());
        assertEquals("Clear or cloudy?", end.getMetadata().get(ChatResponses.THOUGHTS));
        assertTrue(!end.getMetadata().containsKey(ChatResponses.THINKING));
        assertEquals("tool_calls", last.getResult().getMetadata().getFinishReason());
        assertEquals(
                "{\"city\":\"Oslo\"}", end.getToolCalls().getFirst().arguments().replace(" ", ""));
    }

    @Test
    void whyAnAnswerEnded() {
        Map.of(
                        StopReason.END_OF_TEXT, "stop",
                        StopReason.STOP_TEXT, "stop",
                        StopReason.MAX_TOKENS, "length",
                        StopReason.CONTEXT_FULL, "length")
                .forEach((reason, word) -> assertEquals(
                        word,
                        RESPONSES
                                .whole(answer(reason, List.of()))
                                .getResult()
                                .getMetadata()
                                .getFinishReason()));
    }

    @Test
    void failuresAreToldApart() {
        assertTrue(Failures.of(new RejectedExecutionException("full")) instanceof TransientAiException);
        RuntimeException failure = Failures.of(new IllegalStateException("closed"));
        assertTrue(failure instanceof NonTransientAiException
                && failure.getMessage().equals("closed"));
    }

    @Test
    void objectsAreObjects() {
        assertEquals(Map.of(), JsonValues.readObject("it", " "));
        assertThrows(IllegalArgumentException.class, () -> JsonValues.readObject("it", "[1]"));
        assertThrows(IllegalArgumentException.class, () -> JsonValues.readObject("it", "{"));
    }
}
