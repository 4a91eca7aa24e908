// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.generate.Kelvin;
import dev.kelvin.tokenizer.Tokenizer;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.EmbeddingResponseMetadata;
import org.springframework.ai.embedding.observation.DefaultEmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationContext;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationDocumentation;

/**
 * An embedding model of Spring AI that is computed in this JVM: vectors of length 1, by an encoder or by any model
 * whose file names a pooling. They are those of {@code kelvin embed}, to the bit, whoever else is asking.
 *
 * <p>For any number of threads. It prints nothing. Rejects null. A text without tokens, or longer than the model's
 * context, ends in a {@link org.springframework.ai.retry.NonTransientAiException}, too many requests at once in a
 * {@link org.springframework.ai.retry.TransientAiException}.
 */
public final class KelvinEmbeddingModel implements EmbeddingModel {
    private static final EmbeddingModelObservationConvention CONVENTION =
            new DefaultEmbeddingModelObservationConvention();

    private final Kelvin kelvin;
    private final EmbeddingOptions options;
    private final ObservationRegistry observations;
    private final EmbeddingModelObservationConvention convention;

    private KelvinEmbeddingModel(Builder builder) {
        kelvin = builder.kelvin;
        options = EmbeddingOptions.builder()
                .model(ModelName.of(builder.name, kelvin))
                .dimensions(kelvin.embeddingDim())
                .build();
        observations = builder.observations;
        convention = builder.convention;
    }

    /**
     * Prepares a model.
     *
     * @param kelvin computes it, and is closed by whoever opened it
     */
    public static Builder builder(Kelvin kelvin) {
        return new Builder(kelvin);
    }

    /** Elements of a vector. */
    @Override
    public int dimensions() {
        return options.getDimensions();
    }

    @Override
    public float[] embed(Document document) {
        String text = getEmbeddingContent(document);
        if (text == null) {
            throw new IllegalArgumentException("embed: the document " + document.getId() + " has no text");
        }
        return embed(text);
    }

    @Override
    public EmbeddingResponse call(EmbeddingRequest request) {
        EmbeddingModelObservationContext context = EmbeddingModelObservationContext.builder()
                .embeddingRequest(new EmbeddingRequest(request.getInstructions(), options))
                .provider(KelvinChatModel.PROVIDER)
                .build();
        return EmbeddingModelObservationDocumentation.EMBEDDING_MODEL_OPERATION
                .observation(convention, CONVENTION, () -> context, observations)
                .observe(() -> {
                    EmbeddingResponse response = vectors(request);
                    context.setResponse(response);
                    return response;
                });
    }

    private EmbeddingResponse vectors(EmbeddingRequest request) {
        List<String> texts = request.getInstructions();
        List<Embedding> all = new ArrayList<>();
        try {
            check(request.getOptions());
            for (float[] vector : kelvin.embed(texts)) {
                all.add(new Embedding(vector, all.size()));
            }
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
        DefaultUsage usage = new DefaultUsage(tokens(texts), 0);
        return new EmbeddingResponse(all, new EmbeddingResponseMetadata(options.getModel(), usage));
    }

    private void check(EmbeddingOptions asked) {
        if (asked == null) {
            return;
        }
        ModelName.check(asked.getModel(), options.getModel());
        if (asked.getDimensions() != null && !asked.getDimensions().equals(options.getDimensions())) {
            throw new IllegalArgumentException("embed: vectors of this model have " + options.getDimensions()
                    + " dimensions, and " + asked.getDimensions() + " are asked for");
        }
    }

    private int tokens(List<String> texts) {
        Tokenizer tokenizer = kelvin.tokenizer();
        return texts.stream()
                .mapToInt(text -> tokenizer.surround(tokenizer.encode(text)).length)
                .sum();
    }

    /** Collects what a model is made of. For one thread; rejects null. */
    public static final class Builder {
        private final Kelvin kelvin;
        private String name = "";
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private EmbeddingModelObservationConvention convention = CONVENTION;

        private Builder(Kelvin kelvin) {
            this.kelvin = Objects.requireNonNull(kelvin, "kelvin");
        }

        /** What the model is called; by default as its file says. */
        public Builder name(String name) {
            this.name = Objects.requireNonNull(name, "name");
            return this;
        }

        /** Who is told of calls; nobody by default. */
        public Builder observationRegistry(ObservationRegistry observations) {
            this.observations = Objects.requireNonNull(observations, "observations");
            return this;
        }

        /** How calls are named and tagged. */
        public Builder observationConvention(EmbeddingModelObservationConvention convention) {
            this.convention = Objects.requireNonNull(convention, "convention");
            return this;
        }

        /**
         * The model.
         *
         * @throws IllegalArgumentException if it makes no vectors
         */
        public KelvinEmbeddingModel build() {
            if (kelvin.embeddingDim() == 0) {
                throw new IllegalArgumentException("embed: the model makes no vectors: its file names no pooling");
            }
            return new KelvinEmbeddingModel(this);
        }
    }
}
