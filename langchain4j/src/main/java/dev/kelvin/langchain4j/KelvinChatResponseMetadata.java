// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.generate.Generation;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import java.util.List;
import java.util.Objects;

/** What is known of an answer beyond what all models of LangChain4j tell. */
public final class KelvinChatResponseMetadata extends ChatResponseMetadata {
    private final Generation generation;
    private final List<TokenLogProbs> logProbs;

    private KelvinChatResponseMetadata(Builder builder) {
        super(builder);
        generation = builder.generation;
        logProbs = List.copyOf(builder.logProbs);
    }

    /** Metadata that says nothing yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** How many tokens there were, how many of the prompt were known already, and how long it took; may be null. */
    public Generation generation() {
        return generation;
    }

    /** The tokens of the text with their log-probabilities; empty if nobody asked for them. */
    public List<TokenLogProbs> logProbs() {
        return logProbs;
    }

    @Override
    public Builder toBuilder() {
        Builder builder = builder().generation(generation).logProbs(logProbs);
        super.toBuilder(builder);
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof KelvinChatResponseMetadata that
                && Objects.equals(generation, that.generation)
                && logProbs.equals(that.logProbs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), generation, logProbs);
    }

    @Override
    public String toString() {
        return "KelvinChatResponseMetadata{" + super.toString() + ", generation=" + generation + ", logProbs="
                + logProbs + '}';
    }

    /** Collects metadata. */
    public static final class Builder extends ChatResponseMetadata.Builder<Builder> {
        private Generation generation;
        private List<TokenLogProbs> logProbs = List.of();

        private Builder() {}

        /** See {@link KelvinChatResponseMetadata#generation}. */
        public Builder generation(Generation generation) {
            this.generation = generation;
            return this;
        }

        /** See {@link KelvinChatResponseMetadata#logProbs}. */
        public Builder logProbs(List<TokenLogProbs> logProbs) {
            this.logProbs = logProbs;
            return this;
        }

        @Override
        public KelvinChatResponseMetadata build() {
            return new KelvinChatResponseMetadata(this);
        }
    }
}
