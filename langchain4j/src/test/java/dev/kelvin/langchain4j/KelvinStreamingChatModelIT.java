// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.mockito.ArgumentMatchers.argThat;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import org.mockito.InOrder;

/** LangChain4j's tests of chat models whose answers come piece by piece. */
class KelvinStreamingChatModelIT extends AbstractStreamingChatModelIT {
    static KelvinStreamingChatModel.Builder builder() {
        return KelvinStreamingChatModel.builder()
                .catalog(KelvinChatModelIT.catalog())
                .temperature(0.0);
    }

    @Override
    protected List<StreamingChatModel> models() {
        return List.of(builder().build());
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return builder().defaultRequestParameters(parameters).build();
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return builder().listeners(listener).build();
    }

    @Override
    protected String customModelName() {
        return new KelvinChatModelIT().customModelName();
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return KelvinChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    @Override
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(StreamingChatModel model) {
        return KelvinChatResponseMetadata.class;
    }

    @Override
    protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
        return false; // calls are told when they are whole
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder io, String id) {
        io.verify(handler).onCompleteToolCall(argThat(call -> is(call, 0, id, "getWeather", "{\"city\":\"Munich\"}")));
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder io, String id1, String id2) {
        verifyToolCallbacks(handler, io, id1);
        io.verify(handler).onCompleteToolCall(argThat(call -> is(call, 1, id2, "getTime", "{\"country\":\"France\"}")));
    }

    private static boolean is(CompleteToolCall call, int index, String id, String name, String arguments) {
        ToolExecutionRequest request = call.toolExecutionRequest();
        return call.index() == index
                && id.equals(request.id())
                && name.equals(request.name())
                && arguments.equals(request.arguments().replace(" ", ""));
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
