// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai.autoconfigure;

import dev.kelvin.spring.ai.Imports;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The row of {@code dev.kelvin.spring.ai.autoconfigure} in ARCHITECTURE.md. */
class ImportsTest {
    @Test
    void configurationsNeedWhatTheirRowSays() {
        Imports.check(
                KelvinChatAutoConfiguration.class,
                Set.of("format", "format.hub", "generate", "model", "ops", "spring.ai", "tensor"),
                Set.of("org.springframework.", "io.micrometer.observation"));
    }
}
