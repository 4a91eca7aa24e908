// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.service.common.AbstractStreamingAiServiceIT;
import java.util.List;

/** LangChain4j's tests of services whose answers come piece by piece. */
class KelvinStreamingAiServiceIT extends AbstractStreamingAiServiceIT {
    @Override
    protected List<StreamingChatModel> models() {
        return List.of(KelvinStreamingChatModelIT.builder().build());
    }

    @Override
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(StreamingChatModel model) {
        return KelvinChatResponseMetadata.class;
    }
}
