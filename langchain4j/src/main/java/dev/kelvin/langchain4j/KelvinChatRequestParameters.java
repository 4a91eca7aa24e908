// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import java.util.Objects;

/**
 * What a request may ask for beyond what all models of LangChain4j know. Each may be null, which leaves it to the
 * model's defaults and then to Kelvin's.
 */
public final class KelvinChatRequestParameters extends DefaultChatRequestParameters {
    /** Asks for nothing. */
    public static final KelvinChatRequestParameters EMPTY = builder().build();

    private final Long seed;
    private final Double minP;
    private final Integer topLogProbs;
    private final Boolean thinking;

    private KelvinChatRequestParameters(Builder builder) {
        super(builder);
        seed = builder.seed;
        minP = builder.minP;
        topLogProbs = builder.topLogProbs;
        thinking = builder.thinking;
    }

    /** Parameters that ask for nothing yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The seed of the draws: the same request has the same answer. */
    public Long seed() {
        return seed;
    }

    /** The least probability of a token, as a share of that of the most probable one. */
    public Double minP() {
        return minP;
    }

    /** How many of the most probable tokens are told with each token of the text; 0 for that token alone. */
    public Integer topLogProbs() {
        return topLogProbs;
    }

    /** Whether a model that can think is to do so: the variable {@code enable_thinking} of its template. */
    public Boolean thinking() {
        return thinking;
    }

    @Override
    public KelvinChatRequestParameters overrideWith(ChatRequestParameters that) {
        return builder().overrideWith(this).overrideWith(that).build();
    }

    @Override
    public KelvinChatRequestParameters defaultedBy(ChatRequestParameters that) {
        return builder().overrideWith(that).overrideWith(this).build();
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other)
                && other instanceof KelvinChatRequestParameters that
                && Objects.equals(seed, that.seed)
                && Objects.equals(minP, that.minP)
                && Objects.equals(topLogProbs, that.topLogProbs)
                && Objects.equals(thinking, that.thinking);
    }

    @Override
    public int hashCode() {
        return Objects.hash(super.hashCode(), seed, minP, topLogProbs, thinking);
    }

    @Override
    public String toString() {
        return "KelvinChatRequestParameters{" + super.toString() + ", seed=" + seed + ", minP=" + minP
                + ", topLogProbs=" + topLogProbs + ", thinking=" + thinking + '}';
    }

    /** Collects parameters. */
    public static final class Builder extends DefaultChatRequestParameters.Builder<Builder> {
        private Long seed;
        private Double minP;
        private Integer topLogProbs;
        private Boolean thinking;

        private Builder() {}

        /** Takes over what others ask for. */
        @Override
        public Builder overrideWith(ChatRequestParameters parameters) {
            super.overrideWith(parameters);
            if (parameters instanceof KelvinChatRequestParameters that) {
                seed = that.seed == null ? seed : that.seed;
                minP = that.minP == null ? minP : that.minP;
                topLogProbs = that.topLogProbs == null ? topLogProbs : that.topLogProbs;
                thinking = that.thinking == null ? thinking : that.thinking;
            }
            return this;
        }

        /** See {@link KelvinChatRequestParameters#seed}. */
        public Builder seed(Long seed) {
            this.seed = seed;
            return this;
        }

        /** See {@link KelvinChatRequestParameters#minP}. */
        public Builder minP(Double minP) {
            this.minP = minP;
            return this;
        }

        /** See {@link KelvinChatRequestParameters#topLogProbs}. */
        public Builder topLogProbs(Integer topLogProbs) {
            this.topLogProbs = topLogProbs;
            return this;
        }

        /** See {@link KelvinChatRequestParameters#thinking}. */
        public Builder thinking(Boolean thinking) {
            this.thinking = thinking;
            return this;
        }

        @Override
        public KelvinChatRequestParameters build() {
            return new KelvinChatRequestParameters(this);
        }
    }
}
