// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;

/** LangChain4j's tests of what listeners hear of answers that come piece by piece. */
class KelvinStreamingChatModelListenerIT extends AbstractStreamingChatModelListenerIT {
    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        return KelvinStreamingChatModel.builder()
                .kelvin(TestModels.chat())
                .modelName(modelName())
                .temperature(temperature())
                .topP(topP())
                .maxOutputTokens(maxTokens())
                .listeners(listener)
                .build();
    }

    @Override
    protected String modelName() {
        return "a-name-of-ours";
    }

    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        return KelvinStreamingChatModel.builder()
                .kelvin(KelvinChatModelListenerIT.closed())
                .listeners(listener)
                .build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return UnresolvedModelServerException.class;
    }
}
