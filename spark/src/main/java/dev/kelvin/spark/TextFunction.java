// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.io.IOException;
import org.apache.spark.sql.api.java.UDF1;

/** A function of SQL of a text. */
record TextFunction(Operation operation, KelvinOptions options) implements UDF1<String, Object> {
    @Override
    public Object call(String text) throws IOException {
        return text == null ? null : result(operation, options, text, RowKey.of(text));
    }

    /** What a model makes of one text. */
    static Object result(Operation operation, KelvinOptions options, String text, long key) throws IOException {
        try (SharedModels.Lease lease = SharedModels.HERE.lease(options.model())) {
            return operation
                    .ready(lease.model(), options.answer())
                    .begin(text, key)
                    .await();
        }
    }
}
