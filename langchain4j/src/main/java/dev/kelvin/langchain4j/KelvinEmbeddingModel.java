// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.generate.Kelvin;
import dev.kelvin.tokenizer.Tokenizer;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * An {@link EmbeddingModel} that runs in this JVM: vectors of length 1, by an encoder or any other model whose file
 * names a pooling. For any number of threads at once; no vector depends on the others.
 *
 * <p>Models that were trained with a word before queries and documents are told it by the builder; then a request may
 * say which of them its texts are.
 */
public final class KelvinEmbeddingModel implements EmbeddingModel, AutoCloseable {
    private final ModelSource.Opened models;
    private final String name;
    private final Kelvin kelvin;
    private final String queryPrefix;
    private final String documentPrefix;
    private final List<EmbeddingModelListener> listeners;

    private KelvinEmbeddingModel(Builder builder, ModelSource.Opened models) {
        this.models = models;
        KelvinModelCatalog.Model model = models.catalog().model(models.catalog().first());
        name = model.name();
        kelvin = model.kelvin();
        queryPrefix = builder.queryPrefix;
        documentPrefix = builder.documentPrefix;
        listeners = builder.listeners;
    }

    /** A builder; a model is all that it needs. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        String prefix = prefix(request.inputType());
        List<String> texts =
                request.inputs().stream().map(input -> prefix + input.text()).toList();
        Tokenizer tokenizer = kelvin.tokenizer();
        try {
            int tokens = texts.stream()
                    .mapToInt(text -> tokenizer.surround(tokenizer.encode(text)).length)
                    .sum();
            List<Embedding> embeddings =
                    kelvin.embed(texts).stream().map(Embedding::from).toList();
            return EmbeddingResponse.builder()
                    .embeddings(embeddings)
                    .metadata(EmbeddingResponseMetadata.builder()
                            .modelName(name)
                            .tokenUsage(new TokenUsage(tokens, 0))
                            .build())
                    .build();
        } catch (RuntimeException e) {
            throw Failures.refused(e);
        }
    }

    private String prefix(EmbeddingInputType type) {
        return switch (type) {
            case QUERY -> queryPrefix;
            case DOCUMENT -> documentPrefix;
            case null -> "";
        };
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        boolean prefixes = queryPrefix != null && documentPrefix != null;
        return prefixes ? Set.of(EmbeddingRequestParameters.INPUT_TYPE) : Set.of();
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    /** Elements of a vector. */
    @Override
    public int dimension() {
        return kelvin.embeddingDim();
    }

    @Override
    public String modelName() {
        return name;
    }

    /** Closes the model if it was opened here. */
    @Override
    public void close() {
        models.close();
    }

    /** Builds a {@link KelvinEmbeddingModel}. */
    public static final class Builder {
        private final ModelSource source = new ModelSource();
        private String modelName;
        private String queryPrefix;
        private String documentPrefix;
        private List<EmbeddingModelListener> listeners = List.of();

        private Builder() {}

        /** Makes vectors by an open model, which whoever opened it closes. */
        public Builder kelvin(Kelvin kelvin) {
            source.set(null, Objects.requireNonNull(kelvin, "kelvin"), null);
            return this;
        }

        /** Opens a model on all processors, a GGUF file or a folder of the hub; closed with the embedding model. */
        public Builder modelPath(Path path) {
            source.set(null, null, Objects.requireNonNull(path, "path"));
            return this;
        }

        /** The model's name; null for that of its file. */
        public Builder modelName(String modelName) {
            this.modelName = modelName;
            return this;
        }

        /** What stands before texts of each kind, as the model's card says: {@code "search_query: "} and so on. */
        public Builder prefixes(String query, String document) {
            queryPrefix = Objects.requireNonNull(query, "query");
            documentPrefix = Objects.requireNonNull(document, "document");
            return this;
        }

        /** Who hears of requests, responses and errors. */
        public Builder listeners(List<EmbeddingModelListener> listeners) {
            this.listeners = listeners == null ? List.of() : List.copyOf(listeners);
            return this;
        }

        /**
         * The embedding model.
         *
         * @throws IllegalArgumentException if there is no model, or it makes no vectors
         * @throws dev.langchain4j.exception.ModelNotFoundException if there is no such file
         * @throws java.io.UncheckedIOException if the file cannot be read, or is no model that can be computed
         */
        public KelvinEmbeddingModel build() {
            ModelSource.Opened models = source.open(modelName);
            KelvinEmbeddingModel model = new KelvinEmbeddingModel(this, models);
            if (model.dimension() == 0) {
                models.close();
                throw new IllegalArgumentException("kelvin: the model makes no vectors: its file names no pooling");
            }
            return model;
        }
    }
}
