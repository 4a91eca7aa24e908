// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;

/**
 * A {@link StreamingChatModel} that runs in this JVM. For any number of threads at once.
 *
 * <p>A handler is told of its answer on a virtual thread of its own and may take its time: what it has not taken is
 * made no more than 32 pieces ahead, and nobody else waits for it. Its {@code StreamingHandle} ends the answer where it
 * is. Calls of tools are told when they are whole, so there is no {@code onPartialToolCall}. What a model of
 * LangChain4j cannot be asked is thrown at once; all else that goes wrong is told to the handler.
 */
public final class KelvinStreamingChatModel extends ConfiguredModel implements StreamingChatModel {
    private KelvinStreamingChatModel(ChatSetup setup) {
        super(setup);
    }

    /** A builder; a model is all that it needs. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        ChatSetup.Prepared prepared = setup.prepare(request);
        new StreamedAnswer(prepared.model(), handler, setup.timeout()).start(prepared.request());
    }

    /** Builds a {@link KelvinStreamingChatModel}. */
    public static final class Builder extends KelvinChatModelBuilder<KelvinStreamingChatModel, Builder> {
        private Builder() {}

        @Override
        public KelvinStreamingChatModel build() {
            return new KelvinStreamingChatModel(setup());
        }
    }
}
