// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceIT;
import java.util.List;

/** LangChain4j's tests of services of a chat model. */
class KelvinAiServiceIT extends AbstractAiServiceIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(KelvinChatModelIT.model());
    }
}
