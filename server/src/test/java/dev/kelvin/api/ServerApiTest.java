// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.api;

import dev.kelvin.server.KelvinServer;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The public API of this module changes on purpose. */
class ServerApiTest {
    @Test
    void isTheOneThatIsWrittenDown() throws IOException {
        ApiListing.check(KelvinServer.class, "server");
    }
}
