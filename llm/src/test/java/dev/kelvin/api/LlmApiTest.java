// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.api;

import dev.kelvin.generate.Kelvin;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The public API of this module changes on purpose. */
class LlmApiTest {
    @Test
    void isTheOneThatIsWrittenDown() throws IOException {
        ApiListing.check(Kelvin.class, "llm");
    }
}
