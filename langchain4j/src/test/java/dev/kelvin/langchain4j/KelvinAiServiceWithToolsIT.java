// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceWithToolsIT;
import java.util.List;

/** LangChain4j's tests of services that have tools. */
class KelvinAiServiceWithToolsIT extends AbstractAiServiceWithToolsIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(KelvinChatModelIT.model());
    }

    @Override
    protected boolean supportsRecursion() {
        return true;
    }

    /** Theirs would be fetched from the network; nobody looks at it. */
    @Override
    protected Image catImage() {
        return Image.builder().base64Data("AAAA").mimeType("image/png").build();
    }
}
