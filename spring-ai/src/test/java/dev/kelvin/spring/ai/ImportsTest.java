// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** The row of {@code dev.kelvin.spring.ai} in ARCHITECTURE.md. */
class ImportsTest {
    @Test
    void modelsNeedWhatTheirRowSays() {
        Imports.check(
                KelvinChatModel.class,
                Set.of("chat", "converse", "format", "format.json", "generate", "head", "tokenizer"),
                Set.of("org.springframework.ai.", "io.micrometer.observation", "reactor.", "org.reactivestreams"));
    }
}
