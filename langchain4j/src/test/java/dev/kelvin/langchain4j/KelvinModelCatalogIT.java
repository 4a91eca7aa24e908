// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.kelvin.generate.Kelvin;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.catalog.AbstractModelCatalogIT;
import dev.langchain4j.model.catalog.ModelCatalog;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.catalog.ModelType;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's tests of catalogs, and some more. */
class KelvinModelCatalogIT extends AbstractModelCatalogIT {
    @Override
    protected ModelCatalog createModelCatalog() {
        return KelvinChatModelIT.catalog();
    }

    @Override
    protected ModelProvider expectedProvider() {
        return ModelProvider.OTHER;
    }

    @Test
    void modelsAreDescribedByTheirFiles(@TempDir Path folder) throws IOException {
        try (Kelvin vectors = Kelvin.open(TestModels.embedder(folder))) {
            KelvinModelCatalog catalog = KelvinModelCatalog.builder()
                    .model("a", TestModels.chat())
                    .model("b", vectors)
                    .build();
            assertThat(catalog.listModels())
                    .extracting(
                            ModelDescription::name,
                            ModelDescription::displayName,
                            ModelDescription::type,
                            ModelDescription::maxInputTokens)
                    .containsExactly(
                            tuple("a", TestModels.NAME, ModelType.CHAT, 256),
                            tuple("b", "vectors", ModelType.CHAT, 128));
        }
    }

    @Test
    void namesAreUnique() {
        KelvinModelCatalog.Builder builder = KelvinModelCatalog.builder().model("a", TestModels.chat());
        assertThatThrownBy(() -> builder.model("a", TestModels.chat())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KelvinModelCatalog.builder().build()).isInstanceOf(IllegalArgumentException.class);
    }
}
