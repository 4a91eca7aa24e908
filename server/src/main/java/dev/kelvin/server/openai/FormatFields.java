// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.openai;

import dev.kelvin.converse.ResponseFormat;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;

/** What an answer has to look like. */
final class FormatFields {
    private FormatFields() {}

    /**
     * Takes a format.
     *
     * @param format the object; null for any text
     * @param nested whether the schema lies in {@code json_schema}, as in chats, or beside the type, as in responses
     */
    static ResponseFormat take(Fields format, boolean nested) throws ApiException {
        if (format == null) {
            return ResponseFormat.TEXT;
        }
        String type = format.requiredString("type");
        return switch (type) {
            case "text" -> ResponseFormat.TEXT;
            case "json_object" -> ResponseFormat.JSON_OBJECT;
            case "json_schema" -> schema(nested ? format.object("json_schema") : format, format);
            default ->
                throw ApiException.unsupported(
                        format.name("type"), "Answers of type '" + type + "' are not supported.");
        };
    }

    private static ResponseFormat schema(Fields fields, Fields format) throws ApiException {
        if (fields == null) {
            throw ApiException.invalid(
                    format.name("json_schema"),
                    "missing_required_parameter",
                    "'" + format.name("json_schema") + "' is required.");
        }
        fields.label("name");
        fields.label("description");
        fields.flag("strict", true); // answers keep to their schema anyway
        Object schema = fields.value("schema");
        if (schema == null) {
            throw ApiException.invalid(
                    fields.name("schema"),
                    "missing_required_parameter",
                    "'" + fields.name("schema") + "' is required.");
        }
        return ResponseFormat.schema(schema);
    }
}
