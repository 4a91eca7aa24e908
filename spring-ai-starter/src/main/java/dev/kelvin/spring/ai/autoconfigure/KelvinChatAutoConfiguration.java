// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import dev.kelvin.generate.Kelvin;
import dev.kelvin.spring.ai.KelvinChatModel;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ResourceLoader;

/**
 * A {@link Kelvin} and the {@link KelvinChatModel} that it computes, unless {@code spring.ai.model.chat} names another.
 * The model is loaded when the context starts, and closed with it.
 */
@AutoConfiguration(after = ToolCallingAutoConfiguration.class)
@EnableConfigurationProperties(KelvinProperties.class)
@ConditionalOnProperty(
        name = SpringAIModelProperties.CHAT_MODEL,
        havingValue = KelvinChatModel.PROVIDER,
        matchIfMissing = true)
public class KelvinChatAutoConfiguration {
    /** For Spring. */
    public KelvinChatAutoConfiguration() {}

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Kelvin kelvin(KelvinProperties properties, ResourceLoader resources) {
        return new ModelOpener(properties, resources).open("kelvin.model", properties.model());
    }

    @Bean
    @ConditionalOnMissingBean
    KelvinChatModel kelvinChatModel(
            Kelvin kelvin,
            KelvinProperties properties,
            ObjectProvider<ToolCallingManager> tools,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ChatModelObservationConvention> convention) {
        KelvinChatModel.Builder model =
                KelvinChatModel.builder(kelvin).options(properties.chat().options(properties.name()));
        tools.ifAvailable(model::toolCallingManager);
        observations.ifUnique(model::observationRegistry);
        convention.ifAvailable(model::observationConvention);
        return model.build();
    }

    /** A grammar keeps to a schema with any model; being asked for JSON is beyond small ones. */
    @Bean
    @ConditionalOnProperty(name = "kelvin.chat.native-structured-output", matchIfMissing = true)
    ChatClientBuilderCustomizer kelvinStructuredOutput() {
        return builder -> builder.defaultAdvisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT);
    }
}
