// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.service.common.AbstractAiServiceWithJsonSchemaIT;
import java.util.List;

/** LangChain4j's tests of services whose answers are values of a class. */
class KelvinAiServiceWithJsonSchemaIT extends AbstractAiServiceWithJsonSchemaIT {
    @Override
    protected List<ChatModel> models() {
        return List.of(KelvinChatModelIT.model());
    }

    @Override
    protected boolean supportsRecursion() {
        return true;
    }
}
