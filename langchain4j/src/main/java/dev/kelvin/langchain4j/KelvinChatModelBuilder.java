// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.generate.Kelvin;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What both chat models are built with: a model, and what is asked of it where a request does not say. A value that is
 * null or not set leaves it to {@link #defaultRequestParameters}, then to Kelvin: top-k 40, top-p 0.95, min-p 0.05, τ
 * 0.8, seed 0, as many tokens as there is room for.
 *
 * @param <M> the chat model
 * @param <B> the builder itself
 */
public abstract class KelvinChatModelBuilder<M, B extends KelvinChatModelBuilder<M, B>> {
    private final ModelSource source = new ModelSource();
    private final KelvinChatRequestParameters.Builder parameters = KelvinChatRequestParameters.builder();
    private ChatRequestParameters defaults = KelvinChatRequestParameters.EMPTY;
    private String modelName;
    private List<ChatModelListener> listeners = List.of();
    private Duration timeout;
    private boolean sendThinking;

    KelvinChatModelBuilder() {}

    @SuppressWarnings("unchecked") // each subclass names itself
    private B self() {
        return (B) this;
    }

    /** Answers by an open model, which whoever opened it closes. */
    public B kelvin(Kelvin kelvin) {
        source.set(null, Objects.requireNonNull(kelvin, "kelvin"), null);
        return self();
    }

    /** Opens a model on all processors, a GGUF file or a folder of the hub; closed with the chat model. */
    public B modelPath(Path path) {
        source.set(null, null, Objects.requireNonNull(path, "path"));
        return self();
    }

    /** Answers by the models of a catalog, whichever a request names. */
    public B catalog(KelvinModelCatalog catalog) {
        source.set(Objects.requireNonNull(catalog, "catalog"), null, null);
        return self();
    }

    /** Of a catalog's models the one that answers where a request names none; else the name of the only model. */
    public B modelName(String modelName) {
        this.modelName = modelName;
        return self();
    }

    /** What is asked for where neither a request nor this builder says anything else. */
    public B defaultRequestParameters(ChatRequestParameters parameters) {
        defaults = parameters == null ? KelvinChatRequestParameters.EMPTY : parameters;
        return self();
    }

    /** τ: 0 for always the most probable token. */
    public B temperature(Double temperature) {
        parameters.temperature(temperature);
        return self();
    }

    /** The share of probability that candidates have together. */
    public B topP(Double topP) {
        parameters.topP(topP);
        return self();
    }

    /** How many candidates there are; 0 for all. */
    public B topK(Integer topK) {
        parameters.topK(topK);
        return self();
    }

    /** The least probability of a candidate, as a share of that of the most probable one. */
    public B minP(Double minP) {
        parameters.minP(minP);
        return self();
    }

    /** What a candidate's logit loses for each time that it was there. */
    public B frequencyPenalty(Double frequencyPenalty) {
        parameters.frequencyPenalty(frequencyPenalty);
        return self();
    }

    /** What a candidate's logit loses if it was there. */
    public B presencePenalty(Double presencePenalty) {
        parameters.presencePenalty(presencePenalty);
        return self();
    }

    /** The seed of the draws. */
    public B seed(Long seed) {
        parameters.seed(seed);
        return self();
    }

    /** The most tokens of an answer. */
    public B maxOutputTokens(Integer maxOutputTokens) {
        parameters.maxOutputTokens(maxOutputTokens);
        return self();
    }

    /** Texts that end an answer and are no part of it. */
    public B stopSequences(List<String> stopSequences) {
        parameters.stopSequences(stopSequences);
        return self();
    }

    /** Tools that the model may call. */
    public B toolSpecifications(List<ToolSpecification> toolSpecifications) {
        parameters.toolSpecifications(toolSpecifications);
        return self();
    }

    /** Whether it calls them. */
    public B toolChoice(ToolChoice toolChoice) {
        parameters.toolChoice(toolChoice);
        return self();
    }

    /** What an answer has to look like; the model's picks are held to it, so that it does. */
    public B responseFormat(ResponseFormat responseFormat) {
        parameters.responseFormat(responseFormat);
        return self();
    }

    /** See {@link KelvinChatRequestParameters#topLogProbs}. */
    public B topLogProbs(Integer topLogProbs) {
        parameters.topLogProbs(topLogProbs);
        return self();
    }

    /** See {@link KelvinChatRequestParameters#thinking}. */
    public B thinking(Boolean thinking) {
        parameters.thinking(thinking);
        return self();
    }

    /** Whether the model is shown what it thought before; usually it is not. */
    public B sendThinking(boolean sendThinking) {
        this.sendThinking = sendThinking;
        return self();
    }

    /** How long an answer may take; null for any time. */
    public B timeout(Duration timeout) {
        this.timeout = timeout;
        return self();
    }

    /** Who hears of requests, responses and errors. */
    public B listeners(List<ChatModelListener> listeners) {
        this.listeners = listeners == null ? List.of() : List.copyOf(listeners);
        return self();
    }

    /** {@link #listeners(List)} of some. */
    public B listeners(ChatModelListener... listeners) {
        return listeners(List.of(listeners));
    }

    /**
     * The chat model.
     *
     * @throws IllegalArgumentException if there is no model
     * @throws dev.langchain4j.exception.ModelNotFoundException if there is none of its name, or no such file
     * @throws java.io.UncheckedIOException if the file cannot be read, or is no model that can be computed
     */
    public abstract M build();

    final ChatSetup setup() {
        ModelSource.Opened opened = source.open(modelName);
        try {
            KelvinChatRequestParameters all =
                    KelvinChatRequestParameters.EMPTY.overrideWith(defaults).overrideWith(parameters.build());
            String name = modelName != null ? modelName : all.modelName();
            String first = name != null ? name : opened.catalog().first();
            KelvinChatRequestParameters named = all.overrideWith(
                    ChatRequestParameters.builder().modelName(first).build());
            opened.catalog().model(first);
            return new ChatSetup(opened, named, listeners, timeout, sendThinking);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }
}
