// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of an object of JSON, each taken as what it must be; an error names its path. */
public final class Fields {
    private final Map<?, ?> values;
    private final String path;

    /**
     * Takes an object.
     *
     * @param value as {@link dev.kelvin.format.json.JsonReader} gives it
     * @param path what errors call it
     * @throws IOException if it is none
     */
    public Fields(Object value, String path) throws IOException {
        this.path = path;
        if (!(value instanceof Map<?, ?> map)) {
            throw new IOException(path + " is no object");
        }
        values = map;
    }

    /** Turns the fields of an element into a value. */
    @FunctionalInterface
    public interface Reader<T> {
        /** The value. */
        T read(Fields fields) throws IOException;
    }

    /** Whether there is such a field. */
    public boolean has(String name) {
        return values.containsKey(name);
    }

    private IOException wrong(String name, String expected) {
        return new IOException(path + "." + name + " is " + values.get(name) + ", expected " + expected);
    }

    /** A string. */
    public String text(String name) throws IOException {
        if (values.get(name) instanceof String text) {
            return text;
        }
        throw wrong(name, "a string");
    }

    /** A number; NaN for null. */
    public double number(String name) throws IOException {
        if (values.containsKey(name)) {
            return number(name, values.get(name));
        }
        throw wrong(name, "a number");
    }

    private double number(String name, Object value) throws IOException {
        if (value == null) {
            return Double.NaN;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(name, "numbers");
    }

    /** A whole number. */
    public long whole(String name) throws IOException {
        if (values.get(name) instanceof Long number) {
            return number;
        }
        throw wrong(name, "a whole number");
    }

    /** One of the resources. */
    public Resource resource(String name) throws IOException {
        try {
            return Resource.of(text(name));
        } catch (IllegalArgumentException e) {
            throw wrong(name, "a resource");
        }
    }

    /** An object. */
    public Fields object(String name) throws IOException {
        return new Fields(values.get(name), path + "." + name);
    }

    private List<?> elements(String name) throws IOException {
        if (values.get(name) instanceof List<?> list) {
            return list;
        }
        throw wrong(name, "an array");
    }

    /** An array of objects. */
    public <T> List<T> list(String name, Reader<T> reader) throws IOException {
        List<T> list = new ArrayList<>();
        for (Object element : elements(name)) {
            list.add(reader.read(new Fields(element, path + "." + name + "[" + list.size() + "]")));
        }
        return List.copyOf(list);
    }

    /** An array of numbers; NaN for null. */
    public double[] numbers(String name) throws IOException {
        List<?> elements = elements(name);
        double[] numbers = new double[elements.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(name, elements.get(i));
        }
        return numbers;
    }

    /** An array of strings. */
    public List<String> words(String name) throws IOException {
        List<String> words = new ArrayList<>();
        for (Object element : elements(name)) {
            if (!(element instanceof String word)) {
                throw wrong(name, "strings");
            }
            words.add(word);
        }
        return List.copyOf(words);
    }

    /** An object of strings, in its order. */
    public Map<String, String> texts(String name) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : object(name).values.entrySet()) {
            if (!(entry.getValue() instanceof String text)) {
                throw wrong(name, "strings");
            }
            texts.put((String) entry.getKey(), text);
        }
        return texts;
    }
}
