// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Set;

/**
 * A {@link StreamingChatModel} that runs in this JVM. For any number of threads at once.
 *
 * <p>A handler is told of its answer on a virtual thread of its own and may take its time: what it has not taken is
 * made no more than 32 pieces ahead, and nobody else waits for it. Its {@code StreamingHandle} ends the answer where it
 * is. Calls of tools are told when they are whole, so there is no {@code onPartialToolCall}. What a model of
 * LangChain4j cannot be asked is thrown at once; all else that goes wrong is told to the handler.
 */
public final class KelvinStreamingChatModel implements StreamingChatModel, AutoCloseable {
    private final ChatSetup setup;

    private KelvinStreamingChatModel(ChatSetup setup) {
        this.setup = setup;
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

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return setup.parameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return setup.listeners();
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    /** Closes the model if it was opened here; its answers end. */
    @Override
    public void close() {
        setup.models().close();
    }

    /** Builds a {@link KelvinStreamingChatModel}. */
    public static final class Builder extends KelvinChatModelBuilder<Builder> {
        private Builder() {}

        /**
         * The chat model.
         *
         * @throws IllegalArgumentException if there is no model
         * @throws dev.langchain4j.exception.ModelNotFoundException if there is none of its name, or no such file
         * @throws java.io.UncheckedIOException if the file cannot be read, or is no model that can be computed
         */
        public KelvinStreamingChatModel build() {
            return new KelvinStreamingChatModel(setup());
        }
    }
}
