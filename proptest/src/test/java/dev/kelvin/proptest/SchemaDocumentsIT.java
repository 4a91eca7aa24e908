// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import java.io.IOException;
import net.jqwik.api.Example;

/** What a mask lets through is valid: a thousand documents a schema. */
class SchemaDocumentsIT {
    @Example
    void aThousandDocumentsOfEachSchemaAreValid() throws IOException {
        int shown = new SchemaDocuments().check(1000);
        System.out.println(shown + " documents, all valid");
        Law.holds(shown < 0 || shown > 100_000, () -> "only " + shown + " documents");
    }
}
