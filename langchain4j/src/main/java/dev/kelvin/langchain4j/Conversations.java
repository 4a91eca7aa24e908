// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.chat.Role;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolCall;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** LangChain4j's messages and tools as Kelvin's. */
final class Conversations {
    private Conversations() {}

    /**
     * A conversation.
     *
     * @param withThinking whether the model is shown what it thought before
     */
    static Conversation of(Iterable<ChatMessage> messages, List<ToolSpecification> tools, boolean withThinking) {
        List<Message> all = new ArrayList<>();
        for (ChatMessage message : messages) {
            all.add(message(message, withThinking));
        }
        return Conversation.of(all)
                .withTools(tools.stream().map(Conversations::tool).toList());
    }

    private static Message message(ChatMessage message, boolean withThinking) {
        return switch (message) {
            case SystemMessage system -> Message.system(system.text());
            case UserMessage user -> {
                String name = user.name() == null ? "" : user.name();
                yield new Message(
                        Role.USER, text(user.contents(), "non-text content of a message"), "", List.of(), "", name);
            }
            case AiMessage answer -> answer(answer, withThinking);
            case ToolExecutionResultMessage result -> result(result);
            default ->
                throw new UnsupportedFeatureException(
                        "kelvin: messages of type " + message.type() + " are not supported");
        };
    }

    private static Message answer(AiMessage answer, boolean withThinking) {
        boolean thoughts = withThinking && answer.thinking() != null;
        return Message.assistant(answer.text() == null ? "" : answer.text())
                .withReasoning(thoughts ? answer.thinking() : "")
                .withToolCalls(answer.toolExecutionRequests().stream()
                        .map(Conversations::call)
                        .toList());
    }

    private static ToolCall call(ToolExecutionRequest request) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        String json = request.arguments();
        if (json != null && !json.isBlank()) {
            try {
                if (!(JsonReader.read(json) instanceof Map<?, ?> fields)) {
                    throw refused(request, "are no object", null);
                }
                fields.forEach((name, value) -> arguments.put((String) name, value));
            } catch (JsonSyntaxException e) {
                throw refused(request, "are no JSON: " + e.getMessage(), e);
            }
        }
        return new ToolCall(request.id() == null ? "" : request.id(), request.name(), arguments);
    }

    private static InvalidRequestException refused(ToolExecutionRequest request, String why, Throwable cause) {
        return new InvalidRequestException(
                "kelvin: the arguments of the call of '" + request.name() + "' " + why, cause);
    }

    private static Message result(ToolExecutionResultMessage result) {
        String id = result.id() == null ? "" : result.id();
        String name = result.toolName() == null ? "" : result.toolName();
        return Message.toolResult(id, name, text(result.contents(), "non-text content of tool results"));
    }

    private static String text(List<Content> contents, String refused) {
        List<String> texts = new ArrayList<>();
        for (Content content : contents) {
            if (!(content instanceof TextContent text)) {
                String type = content.type().toString().toLowerCase(Locale.ROOT);
                throw new UnsupportedFeatureException("kelvin: " + refused + " is not supported, such as " + type);
            }
            texts.add(text.text());
        }
        return String.join("\n", texts);
    }

    private static Tool tool(ToolSpecification tool) {
        Map<String, Object> parameters =
                tool.parameters() == null ? JsonSchemas.NOTHING : JsonSchemas.object(tool.parameters());
        return new Tool(tool.name(), tool.description() == null ? "" : tool.description(), parameters);
    }
}
