// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kelvin.format.json.JsonWriter;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonSchemasTest {
    private static String json(JsonSchemaElement element) {
        return JsonWriter.write(JsonSchemas.of(element));
    }

    @Test
    void objectsWithPropertiesAreClosed() {
        JsonObjectSchema person = JsonObjectSchema.builder()
                .description("somebody")
                .addStringProperty("name", "as called")
                .addIntegerProperty("age")
                .required("name")
                .build();
        assertThat(json(person))
                .isEqualTo("{\"type\":\"object\",\"description\":\"somebody\",\"properties\":{\"name\":{\"type\":"
                        + "\"string\",\"description\":\"as called\"},\"age\":{\"type\":\"integer\"}},\"required\":"
                        + "[\"name\"],\"additionalProperties\":false}");
        assertThat(json(person.toBuilder().additionalProperties(true).build())).doesNotContain("additionalProperties");
    }

    @Test
    void objectsWithoutPropertiesAreMaps() {
        assertThat(json(JsonObjectSchema.builder().build())).isEqualTo("{\"type\":\"object\",\"properties\":{}}");
        assertThat(json(JsonObjectSchema.builder().additionalProperties(false).build()))
                .isEqualTo("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}");
    }

    @Test
    void whatIsInsideIsToo() {
        JsonSchemaElement element = JsonArraySchema.builder()
                .items(JsonAnyOfSchema.builder()
                        .description("either")
                        .anyOf(
                                JsonObjectSchema.builder()
                                        .addBooleanProperty("b")
                                        .build(),
                                JsonEnumSchema.builder().enumValues("x", "y").build(),
                                new JsonNullSchema())
                        .build())
                .build();
        assertThat(json(element))
                .isEqualTo("{\"type\":\"array\",\"items\":{\"description\":\"either\",\"anyOf\":[{\"type\":\"object\","
                        + "\"properties\":{\"b\":{\"type\":\"boolean\"}},\"additionalProperties\":false},{\"type\":"
                        + "\"string\",\"enum\":[\"x\",\"y\"]},{\"type\":\"null\"}]}}");
        assertThat(json(JsonArraySchema.builder().description("any").build()))
                .isEqualTo("{\"type\":\"array\",\"description\":\"any\"}");
    }

    @Test
    void definitionsAreReferredTo() {
        JsonObjectSchema tree = JsonObjectSchema.builder()
                .addProperty(
                        "next", JsonReferenceSchema.builder().reference("node").build())
                .definitions(Map.of("node", new JsonIntegerSchema()))
                .build();
        assertThat(json(tree))
                .isEqualTo("{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#/$defs/node\"}},"
                        + "\"additionalProperties\":false,\"$defs\":{\"node\":{\"type\":\"integer\"}}}");
    }

    @Test
    void rawSchemasAreTakenAsTheyAre() {
        String schema = "{\"type\":\"object\",\"properties\":{\"n\":{\"minimum\":1.5}}}";
        assertThat(json(JsonRawSchema.from(schema))).isEqualTo(schema);
        assertThatThrownBy(() -> json(JsonRawSchema.from("{"))).isInstanceOf(InvalidRequestException.class);
    }
}
