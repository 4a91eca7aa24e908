// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.Message;
import dev.kelvin.converse.Chat;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatRequest;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import java.util.List;

/** Has a conversation of two turns, in the words of the model's own template. */
public final class HaveAChat {
    private HaveAChat() {}

    /** Takes the path of a model. */
    public static void main(String[] args) throws IOException {
        try (Kelvin kelvin = Models.open(args)) {
            Chat chat = Chat.of(kelvin);
            Conversation conversation = Conversation.of(Message.system("Answer in one sentence."));
            for (String question : List.of("Who lives in the forest?", "And what do they eat?")) {
                System.out.println("> " + question);
                conversation = conversation.and(Message.user(question));
                ChatRequest request = ChatRequest.of(conversation, GenerateOptions.greedy(40));
                ChatAnswer answer = chat.submit(request, ChatListener.ofText(System.out::print))
                        .result()
                        .join();
                System.out.println();
                // What was said so far is known already: the next prompt begins alike, and only its rest is computed.
                conversation = conversation.and(answer.message());
            }
        }
    }
}
