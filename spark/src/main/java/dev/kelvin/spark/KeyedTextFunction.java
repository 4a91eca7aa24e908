// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import java.io.IOException;
import org.apache.spark.sql.api.java.UDF2;

/** The function of SQL that continues or answers a text with the draws of a key. */
record KeyedTextFunction(KelvinOptions options) implements UDF2<String, Object, Object> {
    @Override
    public Object call(String text, Object key) throws IOException {
        return text == null || key == null
                ? null
                : TextFunction.result(Operation.GENERATE, options, text, RowKey.of(key));
    }
}
