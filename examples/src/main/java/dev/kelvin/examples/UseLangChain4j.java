// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.generate.Kelvin;
import dev.kelvin.langchain4j.KelvinChatModel;
import dev.kelvin.langchain4j.KelvinStreamingChatModel;
import dev.kelvin.langchain4j.KelvinTokenCountEstimator;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** Uses one model by several of LangChain4j's interfaces. */
public final class UseLangChain4j {
    private UseLangChain4j() {}

    /** Takes the path of a model. */
    public static void main(String[] args) throws IOException {
        String question = "Who lives in the forest?";
        try (Kelvin kelvin = Models.open(args)) {
            ChatModel chat = KelvinChatModel.builder()
                    .kelvin(kelvin)
                    .temperature(0.0)
                    .maxOutputTokens(30)
                    .build();
            System.out.println(chat.chat(question));
            StreamingChatModel streaming = KelvinStreamingChatModel.builder()
                    .kelvin(kelvin)
                    .temperature(0.0)
                    .maxOutputTokens(30)
                    .build();
            CompletableFuture<ChatResponse> done = new CompletableFuture<>();
            streaming.chat(question, new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String piece) {
                    System.out.print(piece);
                }

                @Override
                public void onCompleteResponse(ChatResponse response) {
                    done.complete(response);
                }

                @Override
                public void onError(Throwable error) {
                    done.completeExceptionally(error);
                }
            });
            ChatResponse response = done.join();
            System.out.println();
            System.out.println(response.tokenUsage());
            System.out.println(new KelvinTokenCountEstimator(kelvin).estimateTokenCountInText(question) + " tokens");
        }
    }
}
