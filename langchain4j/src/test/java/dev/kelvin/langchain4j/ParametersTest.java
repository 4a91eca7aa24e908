// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.request.ChatRequestParameters;
import org.junit.jupiter.api.Test;

class ParametersTest {
    private static KelvinChatRequestParameters all(long seed) {
        return KelvinChatRequestParameters.builder()
                .seed(seed)
                .minP(0.1)
                .topLogProbs(1)
                .thinking(true)
                .topK(2)
                .build();
    }

    @Test
    void whatIsSaidLaterCounts() {
        KelvinChatRequestParameters later =
                KelvinChatRequestParameters.builder().seed(2L).build();
        assertThat(all(1).overrideWith(later)).isEqualTo(all(2)).hasSameHashCodeAs(all(2));
        assertThat(later.defaultedBy(all(1))).isEqualTo(all(2));
    }

    @Test
    void nothingIsLostAmongParametersOfOthers() {
        ChatRequestParameters others =
                ChatRequestParameters.builder().temperature(0.5).build();
        ChatRequestParameters both = others.overrideWith(all(1));
        assertThat(both).isInstanceOfSatisfying(KelvinChatRequestParameters.class, parameters -> {
            assertThat(parameters.seed()).isEqualTo(1);
            assertThat(parameters.temperature()).isEqualTo(0.5);
            assertThat(parameters.topK()).isEqualTo(2);
        });
        assertThat(all(1).overrideWith(others).thinking()).isTrue();
    }

    @Test
    void eachValueMakesADifference() {
        assertThat(all(1))
                .isNotEqualTo(all(2))
                .isNotEqualTo(all(1).overrideWith(
                                KelvinChatRequestParameters.builder().minP(0.2).build()))
                .isNotEqualTo(all(1).overrideWith(KelvinChatRequestParameters.builder()
                        .topLogProbs(0)
                        .build()))
                .isNotEqualTo(all(1).overrideWith(KelvinChatRequestParameters.builder()
                        .thinking(false)
                        .build()));
        assertThat(all(7).toString()).contains("seed=7", "minP=0.1", "topLogProbs=1", "thinking=true");
    }
}
