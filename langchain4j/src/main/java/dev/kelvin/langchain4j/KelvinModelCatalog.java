// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.converse.Chat;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.Kelvin;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.catalog.ModelCatalog;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.catalog.ModelType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Open models by name, among which a request's {@code modelName} chooses. Whoever opened them closes them. For any
 * number of threads.
 */
public final class KelvinModelCatalog implements ModelCatalog {
    private final Map<String, Model> models;

    /** A model that has a name. */
    static final class Model {
        private final String name;
        private final Kelvin kelvin;
        private Chat chat;

        Model(String name, Kelvin kelvin) {
            this.name = name;
            this.kelvin = kelvin;
        }

        String name() {
            return name;
        }

        Kelvin kelvin() {
            return kelvin;
        }

        /** The one chat of this model, so that its grammars are kept. */
        synchronized Chat chat() {
            if (!kelvin.writes()) {
                throw new UnsupportedFeatureException(
                        "kelvin: the model '" + name + "' is an encoder: chats are not supported");
            }
            if (chat == null) {
                try {
                    chat = Chat.of(kelvin);
                } catch (ModelFormatException e) {
                    throw new IllegalArgumentException("kelvin: the model '" + name + "': " + e.getMessage(), e);
                }
            }
            return chat;
        }

        private ModelDescription description() {
            ModelType type = kelvin.writes()
                    ? ModelType.CHAT
                    : kelvin.embeddingDim() > 0 ? ModelType.EMBEDDING : ModelType.SCORING;
            return ModelDescription.builder()
                    .name(name)
                    .displayName(ownName(kelvin))
                    .provider(ModelProvider.OTHER)
                    .type(type)
                    .maxInputTokens(kelvin.contextLength())
                    .build();
        }
    }

    private KelvinModelCatalog(Map<String, Model> models) {
        this.models = models;
    }

    /** The catalog of one model, under the name that its file gives it. */
    public static KelvinModelCatalog of(Kelvin kelvin) {
        return builder().model(ownName(kelvin), kelvin).build();
    }

    /** A catalog that is empty yet. */
    public static Builder builder() {
        return new Builder();
    }

    /** The name in a model's file; its architecture if there is none. */
    static String ownName(Kelvin kelvin) {
        Map<String, Object> metadata = kelvin.metadata().asMap();
        Object name = metadata.get("general.name");
        boolean none = name == null || name.toString().isBlank();
        return none ? metadata.getOrDefault("general.architecture", "kelvin").toString() : name.toString();
    }

    @Override
    public List<ModelDescription> listModels() {
        return models.values().stream().map(Model::description).toList();
    }

    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    /** The name of the model that was added first. */
    String first() {
        return models.keySet().iterator().next();
    }

    /**
     * The model of a name.
     *
     * @throws ModelNotFoundException if there is none
     */
    Model model(String name) {
        Model model = models.get(name);
        if (model == null) {
            throw new ModelNotFoundException("kelvin: the model '" + name + "' is none of " + models.keySet());
        }
        return model;
    }

    /** Collects models. */
    public static final class Builder {
        private final Map<String, Model> models = new LinkedHashMap<>();

        private Builder() {}

        /**
         * Adds a model. The first one is taken where nobody names another.
         *
         * @throws IllegalArgumentException if there is one of that name
         */
        public Builder model(String name, Kelvin kelvin) {
            Objects.requireNonNull(kelvin, "kelvin");
            if (models.putIfAbsent(name, new Model(name, kelvin)) != null) {
                throw new IllegalArgumentException("kelvin: there are two models of the name '" + name + "'");
            }
            return this;
        }

        /**
         * The catalog.
         *
         * @throws IllegalArgumentException if it has no model
         */
        public KelvinModelCatalog build() {
            if (models.isEmpty()) {
                throw new IllegalArgumentException("kelvin: a catalog has one model at least");
            }
            return new KelvinModelCatalog(new LinkedHashMap<>(models));
        }
    }
}
