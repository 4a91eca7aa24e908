// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Writes one JSON document (RFC 8259, UTF-8) to the result stream, indented, with a line feed at the end.
 *
 * <p>JSON has no number for them, so infinite and undefined values are the strings {@code "inf"}, {@code "-inf"} and
 * {@code "nan"}. Finite floats are written with the fewest digits that give the same float back.
 */
final class Json implements AutoCloseable {
    private final JsonGenerator generator;
    private final Terminal terminal;

    Json(Terminal terminal) throws IOException {
        this.terminal = terminal;
        generator = new JsonFactory().createGenerator(terminal.out());
        generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        // Arrays stay on one line: a row of logits is a unit, and one number a line reads badly.
        Separators separators =
                Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER);
        generator.setPrettyPrinter(
                new DefaultPrettyPrinter(separators).withObjectIndenter(new DefaultIndenter("  ", "\n")));
    }

    /** Begins an object: the document itself, or an element of an array. */
    Json beginObject() throws IOException {
        generator.writeStartObject();
        return this;
    }

    Json beginObject(String name) throws IOException {
        generator.writeObjectFieldStart(name);
        return this;
    }

    Json endObject() throws IOException {
        generator.writeEndObject();
        return this;
    }

    Json beginArray(String name) throws IOException {
        generator.writeArrayFieldStart(name);
        return this;
    }

    Json endArray() throws IOException {
        generator.writeEndArray();
        return this;
    }

    /**
     * Writes a field.
     *
     * @param value a string, boxed number, boolean, {@code null}, or an array (nested or of primitives) of these
     */
    Json field(String name, Object value) throws IOException {
        generator.writeFieldName(name);
        value(value);
        return this;
    }

    /** Writes {@code values[begin .. end)} as an array. */
    Json field(String name, float[] values, int begin, int end) throws IOException {
        generator.writeArrayFieldStart(name);
        for (int i = begin; i < end; i++) {
            real(values[i]);
        }
        generator.writeEndArray();
        return this;
    }

    /** Ends the document. The stream stays open. */
    @Override
    public void close() throws IOException {
        generator.close();
        terminal.line("");
        terminal.out().flush();
    }

    private void value(Object value) throws IOException {
        switch (value) {
            case null -> generator.writeNull();
            case String text -> generator.writeString(text);
            case Boolean flag -> generator.writeBoolean(flag);
            case Float number -> real(number);
            case Double number -> real(number);
            case BigInteger number -> generator.writeNumber(number);
            case BigDecimal number -> generator.writeNumber(number);
            case Number number -> generator.writeNumber(number.longValue());
            default -> array(value);
        }
    }

    private void array(Object value) throws IOException {
        if (!value.getClass().isArray()) {
            generator.writeString(value.toString());
            return;
        }
        generator.writeStartArray();
        int length = Array.getLength(value);
        for (int i = 0; i < length; i++) {
            value(Array.get(value, i));
        }
        generator.writeEndArray();
    }

    private void real(float value) throws IOException {
        if (Float.isFinite(value)) {
            generator.writeNumber(value);
        } else {
            generator.writeString(nonFinite(value));
        }
    }

    private void real(double value) throws IOException {
        if (Double.isFinite(value)) {
            generator.writeNumber(value);
        } else {
            generator.writeString(nonFinite(value));
        }
    }

    private static String nonFinite(double value) {
        return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
}
