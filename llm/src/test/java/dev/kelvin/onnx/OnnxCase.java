// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.onnx;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A node case of ONNX: an operator, its attributes, named inputs and the outputs that are expected.
 *
 * @param name of the case
 * @param op of the operator
 * @param attributes by name
 * @param inputs by name, those that are there
 * @param outputs by name, those that are there
 */
record OnnxCase(
        String name, String op, Map<String, ?> attributes, Map<String, Value> inputs, Map<String, Value> outputs) {
    /** Numbers of some element type, as doubles. */
    record Value(String type, int[] shape, double[] data) {
        boolean isFloat() {
            return type.equals("float32") || type.equals("float16");
        }

        HeapTensor tensor() {
            float[] floats = new float[data.length];
            for (int i = 0; i < data.length; i++) {
                floats[i] = (float) data[i];
            }
            return HeapTensor.of(floats, shape);
        }

        int[] ints() {
            return Arrays.stream(data).mapToInt(number -> (int) number).toArray();
        }

        float number() {
            return (float) data[0];
        }
    }

    /** All cases of a folder. */
    static List<OnnxCase> read(Path folder) throws IOException {
        List<OnnxCase> cases = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                for (Object each : (List<?>) JsonReader.read(Files.readAllBytes(file))) {
                    cases.add(of((Map<?, ?>) each));
                }
            }
        }
        return cases;
    }

    @SuppressWarnings("unchecked")
    private static OnnxCase of(Map<?, ?> json) {
        return new OnnxCase(
                (String) json.get("name"),
                (String) json.get("op"),
                (Map<String, ?>) json.get("attributes"),
                values((List<?>) json.get("inputNames"), (List<?>) json.get("inputs")),
                values((List<?>) json.get("outputNames"), (List<?>) json.get("outputs")));
    }

    /** Names of what is absent are empty, and it has no value. */
    private static Map<String, Value> values(List<?> names, List<?> values) {
        Map<String, Value> byName = new LinkedHashMap<>();
        int next = 0;
        for (Object name : names) {
            if (!"".equals(name)) {
                byName.put((String) name, value((Map<?, ?>) values.get(next++)));
            }
        }
        return byName;
    }

    private static Value value(Map<?, ?> json) {
        int[] shape = ((List<?>) json.get("shape"))
                .stream().mapToInt(d -> ((Number) d).intValue()).toArray();
        double[] data = ((List<?>) json.get("data"))
                .stream().mapToDouble(OnnxCase::number).toArray();
        return new Value((String) json.get("type"), shape, data);
    }

    private static double number(Object json) {
        return switch (json) {
            case Number number -> number.doubleValue();
            case Boolean bool -> bool ? 1 : 0;
            case String text when text.equals("inf") -> Double.POSITIVE_INFINITY;
            case String text when text.equals("-inf") -> Double.NEGATIVE_INFINITY;
            case String text when text.equals("nan") -> Double.NaN;
            default -> throw new IllegalStateException("no number: " + json);
        };
    }

    boolean has(String input) {
        return inputs.containsKey(input);
    }

    /** The input of a place, as some operators have other names for the same. */
    Value input(int place) {
        return List.copyOf(inputs.values()).get(place);
    }

    HeapTensor tensor(String input) {
        return inputs.get(input).tensor();
    }

    double number(String attribute, double otherwise) {
        Object value = attributes.get(attribute);
        return value == null ? otherwise : Double.parseDouble(value.toString());
    }

    int integer(String attribute, int otherwise) {
        Object value = attributes.get(attribute);
        if (value instanceof Boolean bool) {
            return bool ? 1 : 0;
        }
        return value == null ? otherwise : Integer.parseInt(value.toString());
    }

    String text(String attribute, String otherwise) {
        Object value = attributes.get(attribute);
        return value == null ? otherwise : value.toString();
    }
}
