// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.time.Duration;
import java.util.List;

/**
 * What a chat model was built with.
 *
 * @param models that there are
 * @param parameters where a request does not say; they name a model
 * @param listeners of LangChain4j's
 * @param timeout of an answer; null for any time
 * @param sendThinking whether the model is shown what it thought before
 */
record ChatSetup(
        ModelSource.Opened models,
        KelvinChatRequestParameters parameters,
        List<ChatModelListener> listeners,
        Duration timeout,
        boolean sendThinking) {

    /** A request that is ready for a model's chat. */
    record Prepared(KelvinModelCatalog.Model model, dev.kelvin.converse.ChatRequest request) {}

    /** Refuses what cannot be done, and chooses the model. */
    Prepared prepare(ChatRequest request) {
        String name = request.parameters().modelName();
        KelvinModelCatalog.Model model = models.catalog().model(name == null ? parameters.modelName() : name);
        try {
            return new Prepared(model, Requests.of(request, model.kelvin().contextLength(), sendThinking));
        } catch (IllegalArgumentException e) {
            throw Failures.refused(e);
        }
    }
}
