// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import java.util.Map;

/** What an answer has to look like, behind whatever the model thinks before it. */
public sealed interface ResponseFormat {
    /** Any text. */
    ResponseFormat TEXT = new Text();

    /** A JSON object. */
    ResponseFormat JSON_OBJECT = new Schema(Map.of("type", "object"));

    /**
     * JSON of a schema.
     *
     * @param schema a boolean or a map, as {@link dev.kelvin.format.json.JsonReader} gives it
     */
    static ResponseFormat schema(Object schema) {
        return new Schema(schema);
    }

    /** A text of a grammar in GBNF. */
    static ResponseFormat gbnf(String grammar) {
        return new Gbnf(grammar);
    }

    /** See {@link #TEXT}. */
    record Text() implements ResponseFormat {}

    /**
     * See {@link #schema}.
     *
     * @param schema as there
     */
    record Schema(Object schema) implements ResponseFormat {}

    /**
     * See {@link #gbnf}.
     *
     * @param grammar its source
     */
    record Gbnf(String grammar) implements ResponseFormat {}
}
