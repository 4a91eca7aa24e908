// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The public API of this module changes on purpose. */
class CoreApiTest {
    @Test
    void isTheOneThatIsWrittenDown() throws IOException {
        ApiListing.check(Compute.class, "core");
    }

    /** What a listing must have to notice a change: members, constants, permitted types; and nothing that is hidden. */
    @Test
    void listsWhatOthersCanName() throws IOException {
        String listing = ApiListing.of(Compute.class, "core");
        for (String line : new String[] {
            "public final class Compute implements AutoCloseable",
            "    static Compute start(int)",
            "public interface Tensor permits HeapTensor, MappedTensor, PackedTensor",
            "public enum DType",
            "    F32",
        }) {
            assertTrue(listing.contains("\n" + line), line + " is not in\n" + listing);
        }
        assertFalse(listing.contains("dev.kelvin.kernel"), "a package that is not exported");
        assertFalse(listing.contains("hashCode()\n    final boolean equals"), "what every record has");
    }
}
