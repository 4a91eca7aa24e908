// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.generate.Kelvin;
import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.io.IOException;
import java.io.UncheckedIOException;

/** LangChain4j's tests of what listeners hear. */
class KelvinChatModelListenerIT extends AbstractChatModelListenerIT {
    /** A model that somebody has closed. */
    static Kelvin closed() {
        try {
            Kelvin kelvin = Kelvin.open(TestModels.trained());
            kelvin.close();
            return kelvin;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected ChatModel createModel(ChatModelListener listener) {
        return KelvinChatModel.builder()
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
    protected ChatModel createFailingModel(ChatModelListener listener) {
        return KelvinChatModel.builder().kelvin(closed()).listeners(listener).build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return UnresolvedModelServerException.class;
    }
}
