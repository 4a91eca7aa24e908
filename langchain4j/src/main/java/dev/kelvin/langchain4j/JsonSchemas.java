// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * LangChain4j's schemas as JSON Schema. An object whose properties are named has no others, unless it says that it may:
 * whoever names them has a class for them. A raw schema is taken as it is.
 */
final class JsonSchemas {
    /** The arguments of a tool that has none. */
    static final Map<String, Object> NOTHING =
            Map.of("type", "object", "properties", Map.of(), "additionalProperties", false);

    private JsonSchemas() {}

    /** A schema, as {@link JsonReader} would read it. */
    static Object of(JsonSchemaElement element) {
        return switch (element) {
            case JsonRawSchema raw -> read(raw.schema());
            case JsonObjectSchema object -> object(object);
            case JsonArraySchema array -> array(array);
            case JsonAnyOfSchema any -> anyOf(any);
            default -> JsonSchemaElementUtils.toMap(element);
        };
    }

    /** The schema of an object. */
    static Map<String, Object> object(JsonObjectSchema schema) {
        Map<String, Object> fields = described("object", schema.description());
        fields.put("properties", all(schema.properties()));
        if (!schema.required().isEmpty()) {
            fields.put("required", schema.required());
        }
        boolean open =
                schema.additionalProperties() == null ? schema.properties().isEmpty() : schema.additionalProperties();
        if (!open) {
            fields.put("additionalProperties", false);
        }
        if (!schema.definitions().isEmpty()) {
            fields.put("$defs", all(schema.definitions()));
        }
        return fields;
    }

    private static Map<String, Object> array(JsonArraySchema schema) {
        Map<String, Object> fields = described("array", schema.description());
        if (schema.items() != null) {
            fields.put("items", of(schema.items()));
        }
        return fields;
    }

    private static Map<String, Object> anyOf(JsonAnyOfSchema schema) {
        Map<String, Object> fields = described(null, schema.description());
        fields.put("anyOf", schema.anyOf().stream().map(JsonSchemas::of).toList());
        return fields;
    }

    private static Map<String, Object> described(String type, String description) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (type != null) {
            fields.put("type", type);
        }
        if (description != null) {
            fields.put("description", description);
        }
        return fields;
    }

    private static Map<String, Object> all(Map<String, JsonSchemaElement> elements) {
        Map<String, Object> all = new LinkedHashMap<>();
        elements.forEach((name, element) -> all.put(name, of(element)));
        return all;
    }

    private static Object read(String schema) {
        try {
            return JsonReader.read(schema);
        } catch (JsonSyntaxException e) {
            throw new InvalidRequestException("kelvin: the raw schema is no JSON: " + e.getMessage(), e);
        }
    }
}
