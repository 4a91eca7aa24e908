// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import dev.kelvin.generate.Kelvin;
import dev.kelvin.spring.ai.KelvinChatModel;
import dev.kelvin.spring.ai.KelvinEmbeddingModel;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.io.ResourceLoader;

/**
 * A {@link KelvinEmbeddingModel}: by a model of its own where {@code kelvin.embedding.model} names one, or by that of
 * {@code kelvin.model} where {@code spring.ai.model.embedding} is {@code kelvin}.
 */
@AutoConfiguration(after = KelvinChatAutoConfiguration.class)
@EnableConfigurationProperties(KelvinProperties.class)
@ConditionalOnProperty(
        name = SpringAIModelProperties.EMBEDDING_MODEL,
        havingValue = KelvinChatModel.PROVIDER,
        matchIfMissing = true)
@Conditional(KelvinEmbeddingAutoConfiguration.Wanted.class)
public class KelvinEmbeddingAutoConfiguration {
    private static final String MODEL = "kelvin.embedding.model";
    private static final String OWN = "kelvinOfEmbeddings";

    /** For Spring. */
    public KelvinEmbeddingAutoConfiguration() {}

    /** Not what is meant by a {@link Kelvin} elsewhere, which is that of the chat. */
    @Bean(name = OWN, defaultCandidate = false, destroyMethod = "close")
    @ConditionalOnProperty(MODEL)
    Kelvin kelvinOfEmbeddings(KelvinProperties properties, ResourceLoader resources) {
        return new ModelOpener(properties, resources)
                .open(MODEL, properties.embedding().model());
    }

    @Bean
    @ConditionalOnMissingBean
    KelvinEmbeddingModel kelvinEmbeddingModel(
            @Qualifier(OWN) ObjectProvider<Kelvin> own,
            ObjectProvider<Kelvin> chat,
            KelvinProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<EmbeddingModelObservationConvention> convention) {
        Kelvin kelvin = own.getIfAvailable(chat::getObject);
        KelvinEmbeddingModel.Builder model = KelvinEmbeddingModel.builder(kelvin);
        if (properties.embedding().name() != null) {
            model.name(properties.embedding().name());
        }
        observations.ifUnique(model::observationRegistry);
        convention.ifAvailable(model::observationConvention);
        return model.build();
    }

    /** Not every model makes vectors, so that somebody has to say so. */
    static final class Wanted extends AnyNestedCondition {
        Wanted() {
            super(ConfigurationPhase.PARSE_CONFIGURATION);
        }

        @ConditionalOnProperty(MODEL)
        static final class ByAModelOfItsOwn {}

        @ConditionalOnProperty(name = SpringAIModelProperties.EMBEDDING_MODEL, havingValue = KelvinChatModel.PROVIDER)
        static final class ByTheModelOfTheChat {}
    }
}
