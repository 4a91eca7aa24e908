// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.onnx.OnnxCase.Value;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * ONNX's node cases by public calls. A case is left out for its element type alone; every other must be run, and its
 * outputs agree. Source: onnx/onnx, {@code onnx/backend/test/case/node}.
 */
class OnnxCasesTest {
    /** Outputs are float32 computations of ONNX's reference, which rounds in another order. */
    private static final double TOLERANCE = 3e-5;

    /** What a float16 output is rounded to. */
    private static final double HALF_TOLERANCE = 2e-3;

    /** Of the 317 cases, those whose elements are floats. */
    private static final int FLOATS = 273;

    @Test
    void everyCaseOfFloats(TestReporter reporter) throws IOException {
        List<OnnxCase> cases = OnnxCase.read(SharedData.require("onnx"));
        List<String> failures = new ArrayList<>();
        Map<String, Integer> leftOut = new TreeMap<>();
        int run = 0;
        try (Compute compute = Compute.start(2)) {
            OnnxOperators operators = new OnnxOperators(compute);
            for (OnnxCase c : cases) {
                Optional<String> reason = OnnxOperators.leftOut(c);
                if (reason.isPresent()) {
                    leftOut.merge(c.op() + ": " + reason.get(), 1, Integer::sum);
                    continue;
                }
                run++;
                try {
                    compare(c, operators.run(c));
                } catch (RuntimeException | AssertionError e) {
                    failures.add(c.name() + " " + c.attributes() + ": " + e);
                }
            }
        }
        reporter.publishEntry("run " + run + " of " + cases.size() + ", left out " + leftOut);
        assertTrue(failures.isEmpty(), () -> failures.size() + " cases fail:\n" + String.join("\n", failures));
        assertEquals(FLOATS, run, "cases run; left out: " + leftOut);
    }

    private static void compare(OnnxCase c, List<HeapTensor> actual) {
        List<Value> expected = List.copyOf(c.outputs().values());
        assertEquals(expected.size(), actual.size(), "outputs");
        for (int o = 0; o < expected.size(); o++) {
            Value value = expected.get(o);
            assertEquals(value.data().length, actual.get(o).data().length, "elements of output " + o);
            double tolerance = value.type().equals("float16") ? HALF_TOLERANCE : TOLERANCE;
            for (int i = 0; i < value.data().length; i++) {
                double exact = value.data()[i];
                double bound = Double.isFinite(exact) ? tolerance * (1 + Math.abs(exact)) : 0;
                assertEquals(exact, actual.get(o).data()[i], bound, "output " + o + ", element " + i);
            }
        }
    }
}
