// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import java.io.IOException;
import net.jqwik.api.Example;

/** What a mask lets through is valid; {@link SchemaDocumentsIT} has a thousand documents a schema. */
class SchemaDocumentsProperties {
    @Example
    void documentsOfASchemaAreValid() throws IOException {
        int shown = new SchemaDocuments().check(10);
        Law.holds(shown < 0 || shown > 1000, () -> "only " + shown + " documents");
    }
}
