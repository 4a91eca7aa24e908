// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.converse.Chat;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Kelvin;
import java.io.IOException;

/** Asks for JSON of a schema. Tokens that would break it are never picked, so that even a small model keeps to it. */
public final class ConstrainedJson {
    private static final String SCHEMA = """
            {
              "type": "object",
              "properties": {
                "animal": {"enum": ["dog", "cat", "bird"]},
                "name": {"type": "string", "minLength": 3, "maxLength": 12},
                "age": {"type": "integer", "minimum": 1, "maximum": 20}
              },
              "required": ["animal", "name", "age"],
              "additionalProperties": false
            }""";

    private ConstrainedJson() {}

    /** Takes the path of a model. */
    public static void main(String[] args) throws IOException {
        try (Kelvin kelvin = Models.open(args)) {
            Conversation conversation = Conversation.of(Message.user("Once there was a little dog. His name was Max."));
            ChatRequest request = ChatRequest.of(conversation, GenerateOptions.greedy(400))
                    .withFormat(ResponseFormat.schema(JsonReader.read(SCHEMA)));
            String json = Chat.of(kelvin)
                    .submit(request, ChatListener.NONE)
                    .result()
                    .join()
                    .message()
                    .content();
            System.out.println(JsonWriter.write(JsonReader.read(json))); // without the blanks between, which are free
        }
    }
}
