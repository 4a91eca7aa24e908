// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;
import java.util.Set;

/** What both chat models tell of themselves: what they were built with, and what they can do. */
abstract sealed class ConfiguredModel implements AutoCloseable permits KelvinChatModel, KelvinStreamingChatModel {
    final ChatSetup setup;

    ConfiguredModel(ChatSetup setup) {
        this.setup = setup;
    }

    /** What is asked for where a request does not say; it names a model. */
    public ChatRequestParameters defaultRequestParameters() {
        return setup.parameters();
    }

    /** Who hears of requests, responses and errors. */
    public List<ChatModelListener> listeners() {
        return setup.listeners();
    }

    /** {@link ModelProvider#OTHER}: LangChain4j has no name for it. */
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    /** JSON of a schema. */
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    /** Closes the model if it was opened here; its answers end. */
    @Override
    public void close() {
        setup.models().close();
    }
}
