// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kelvin.generate.Kelvin;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnresolvedModelServerException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's tests of embedding models, and some more. */
class KelvinEmbeddingModelIT extends AbstractEmbeddingModelIT {
    @TempDir
    private static Path folder;

    private static Path file;
    private static Kelvin kelvin;

    @BeforeAll
    static void open() throws IOException {
        file = TestModels.embedder(folder);
        kelvin = Kelvin.open(file);
    }

    @AfterAll
    static void close() {
        kelvin.close();
    }

    private static KelvinEmbeddingModel.Builder builder() {
        return KelvinEmbeddingModel.builder().kelvin(kelvin).prefixes("query: ", "document: ");
    }

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(builder().build());
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return builder().listeners(List.of(listener)).build();
    }

    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        return KelvinEmbeddingModel.builder()
                .kelvin(closed())
                .listeners(List.of(listener))
                .build();
    }

    private static Kelvin closed() {
        try {
            Kelvin closed = Kelvin.open(file);
            closed.close();
            return closed;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected boolean supportsDimensionsParameter() {
        return false; // only some models were trained to be cut short
    }

    @Override
    protected boolean supportsImageInput() {
        return false;
    }

    @Test
    void vectorsAreKelvinsOwnOfTheTextBehindItsPrefix() {
        Embedding query = builder()
                .build()
                .embed(EmbeddingRequest.builder()
                        .input("otters")
                        .inputType(EmbeddingInputType.QUERY)
                        .build())
                .embeddings()
                .getFirst();
        assertThat(query.vector()).containsExactly(kelvin.embed("query: otters"));
        assertThat(builder().build().embed("otters").content().vector()).containsExactly(kelvin.embed("otters"));
    }

    @Test
    void tokensAreCounted() {
        int tokens = kelvin.tokenizer().surround(kelvin.tokenizer().encode("otters")).length;
        assertThat(builder().build().embed("otters").tokenUsage().inputTokenCount())
                .isEqualTo(tokens);
    }

    @Test
    void whatGoesWrongIsToldByTheirExceptions() {
        EmbeddingModel model = builder().build();
        assertThatThrownBy(() -> model.embed("x".repeat(1000))).isInstanceOf(InvalidRequestException.class);
        EmbeddingModel closed = KelvinEmbeddingModel.builder().kelvin(closed()).build();
        assertThatThrownBy(() -> closed.embed("x")).isInstanceOf(UnresolvedModelServerException.class);
        assertThatThrownBy(() ->
                        KelvinEmbeddingModel.builder().kelvin(TestModels.chat()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no vectors");
    }

    @Test
    void aModelThatWasOpenedHereIsClosedHere() {
        KelvinEmbeddingModel model =
                KelvinEmbeddingModel.builder().modelPath(file).modelName("mine").build();
        assertThat(model.modelName()).isEqualTo("mine");
        assertThat(model.embed("otters").content().vector()).containsExactly(kelvin.embed("otters"));
        model.close();
        assertThatThrownBy(() -> model.embed("otters")).isInstanceOf(UnresolvedModelServerException.class);
    }
}
