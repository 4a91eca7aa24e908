// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;

/** LangChain4j's tests of chat models. */
class KelvinChatModelIT extends AbstractChatModelIT {
    private static final String OTHER = "another-name";

    /** The model under two names, so that a request can choose. */
    static KelvinModelCatalog catalog() {
        return KelvinModelCatalog.builder()
                .model(TestModels.NAME, TestModels.chat())
                .model(OTHER, TestModels.chat())
                .build();
    }

    static KelvinChatModel model() {
        return KelvinChatModel.builder().catalog(catalog()).temperature(0.0).build();
    }

    @Override
    protected List<ChatModel> models() {
        return List.of(model());
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return KelvinChatModel.builder()
                .catalog(catalog())
                .temperature(0.0)
                .defaultRequestParameters(parameters)
                .build();
    }

    @Override
    protected String customModelName() {
        return OTHER;
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return KelvinChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    @Override
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(ChatModel model) {
        return KelvinChatResponseMetadata.class;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false; // the engine reads texts
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }
}
