// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.head.Entropy;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The temperature laboratory of the page against the engine's softmax and samplers. */
class LaboratoryIT {
    private static final String MODULE = "const m = await import('./page/temperature.js'); ";
    private static final float INF = Float.POSITIVE_INFINITY;

    private static TestServer server;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        browser = Browser.start(server.server.uri().resolve("/").toString());
        browser.open("{\"seed\": 3, \"maxTokens\": 12}");
    }

    @AfterAll
    static void end() {
        if (browser != null) {
            browser.close();
        }
        server.close();
    }

    /** Probabilities by id, and at the end their entropy. */
    private static List<?> softmax(float[] logits, float temperature) {
        List<Object> given = new ArrayList<>();
        for (float logit : logits) {
            given.add(logit == Float.NEGATIVE_INFINITY ? null : (Object) logit);
        }
        return (List<?>) browser.value(
                "(async () => { " + MODULE
                        + "const logits = Float32Array.from(JSON.parse(args[0]), (z) => z ?? -Infinity);"
                        + "const order = m.ordered(logits); const probs = m.softmax(order.logits, Number(args[1]));"
                        + "const byId = new Array(logits.length).fill(0); probs.forEach((p, i) => byId[order.ids[i]] = p);"
                        + "return [...byId, m.entropy(probs)]; })()",
                JsonWriter.write(given),
                temperature == INF ? "Infinity" : Double.toString(temperature));
    }

    @Test
    void theSoftmaxIsTheEngines() {
        Random random = new Random(21);
        float[][] rows = {new float[300], {3, 1, 3, Float.NEGATIVE_INFINITY, 3, -2}, {0}, {-1e30f, 1e30f}};
        for (int i = 0; i < rows[0].length; i++) {
            rows[0][i] = (float) (4 * random.nextGaussian());
        }
        try (Compute compute = Compute.serial()) {
            for (float[] logits : rows) {
                for (float temperature : new float[] {0, Float.MIN_VALUE, 0.2f, 0.8f, 1, 3, 1e30f, INF}) {
                    HeapTensor probs = HeapTensor.zeros(1, logits.length);
                    compute.softmax(HeapTensor.of(logits, 1, logits.length), temperature, probs);
                    List<?> found = softmax(logits, temperature);
                    boolean limit = temperature == 0 || temperature == INF;
                    for (int id = 0; id < logits.length; id++) {
                        double p = ((Number) found.get(id)).doubleValue();
                        float expected = probs.data()[id];
                        // The engine's floats are within a few units of the last place; at the limits they are exact.
                        double error = limit ? 0 : 8 * Math.ulp(expected);
                        assertEquals(expected, (float) p, error, "id " + id + " at " + temperature);
                    }
                    double nats = Entropy.nats(probs.data(), 0, logits.length);
                    // Errors of 8 u in each p make one of 8 u·Σ p·(|ln p| + 1) = 8 u·(H + 1).
                    double bound = 8 * 0x1p-24 * (nats + 1);
                    assertEquals(nats, ((Number) found.getLast()).doubleValue(), bound, "at " + temperature);
                }
            }
        }
    }

    @Test
    void theSamplersLeaveWhatTheEnginesLeave() throws IOException {
        for (String prompt : List.of("Once upon a time, there was a", "The little dragon", "She looked at the")) {
            for (Object[] s : new Object[][] {
                {40, 0.95, 0.05, "0.8"},
                {0, 0.5, 0.0, "1"},
                {7, 1.0, 0.3, "inf"},
                {0, 1.0, 0.01, "2.5"},
                {3, 0.9, 0.0, "0"}
            }) {
                Map<String, Object> body = new LinkedHashMap<>();
                body.put("prompt", prompt);
                body.put("top_k", s[0]);
                body.put("top_p", s[1]);
                body.put("min_p", s[2]);
                body.put("temperature", s[3].equals("inf") ? "inf" : (Object) Double.valueOf((String) s[3]));
                TestServer.Answer next = server.post("/kelvin/next", body);
                assertEquals(200, next.status(), next.body());
                Map<?, ?> engine = next.json();
                List<?> stages = (List<?>) engine.get("stages");
                List<?> found = (List<?>) browser.value(
                        "(async () => { " + MODULE
                                + "const logits = Float32Array.from(JSON.parse(args[0]), (z) => z ?? -Infinity);"
                                + "const chain = [['top-k', args[1]], ['top-p', Math.fround(args[2])], ['min-p', Math.fround(args[3])],"
                                + " ['temperature', args[4] === 'inf' ? Infinity : Math.fround(Number(args[4]))]].map(([name, value]) => ({name, value}));"
                                + "return m.sample(m.ordered(logits).logits, chain).stages.map((s) => [s.name, s.count, s.mass, s.entropy]); })()",
                        JsonWriter.write(engine.get("logits")),
                        s[0],
                        s[1],
                        s[2],
                        s[3]);
                int compared = 0;
                for (Object each : stages) {
                    Map<?, ?> stage = (Map<?, ?>) each;
                    String name = ((String) stage.get("stage")).replaceFirst("=.*", "");
                    List<?> own = (List<?>) found.stream()
                            .filter(one -> ((List<?>) one).getFirst().equals(name))
                            .findFirst()
                            .orElseThrow();
                    String where = prompt + " " + stage;
                    assertEquals(number(stage.get("candidates")), number(own.get(1)), where);
                    assertEquals(number(stage.get("mass")), number(own.get(2)), 1e-5, where);
                    assertEquals(number(stage.get("entropy")), number(own.get(3)), 1e-5, where);
                    compared++;
                }
                assertTrue(compared > 1, () -> "stages: " + stages);
            }
        }
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    @Test
    void theSliderIsExactAtBothEndsAndTellsTheEnginesEntropy() throws IOException {
        browser.open("{\"seed\": 3, \"maxTokens\": 12}");
        browser.await("document.querySelectorAll('.bar').length > 5 && !document.querySelector('.body.waiting')");
        Map<?, ?> next = server.post("/kelvin/next", Map.of("prompt", "Once upon a time, there was a"))
                .json();
        List<?> given = (List<?>) next.get("logits");
        float[] logits = new float[given.size()];
        int candidates = 0;
        for (int id = 0; id < logits.length; id++) {
            logits[id] = given.get(id) == null ? Float.NEGATIVE_INFINITY : ((Number) given.get(id)).floatValue();
            candidates += given.get(id) == null ? 0 : 1;
        }
        browser.run("document.querySelector('[name=view][value=all]').click()");
        browser.run("document.querySelector('#temperature').focus()");
        browser.press(Keys.END);
        assertEquals("∞", browser.text(".temperature"));
        assertEquals(1.0 / candidates, browser.number("Number(document.querySelector('.bar').dataset.p)"));
        assertEquals(1.0 / candidates, browser.number("Number(document.querySelectorAll('.bar')[7].dataset.p)"));
        assertEquals(
                Math.log(candidates), browser.number("Number(document.querySelector('.nats').dataset.nats)"), 1e-12);
        browser.press(Keys.HOME);
        assertEquals("0", browser.text(".temperature"));
        assertEquals(1, browser.number("Number(document.querySelector('.bar').dataset.p)"));
        assertEquals(0, browser.number("Number(document.querySelectorAll('.bar')[1].dataset.p)"));
        assertEquals("0", browser.text(".nats"));
        assertEquals("slider", browser.find("#temperature").getAriaRole());
        for (int place : new int[] {100, 444, 500, 800}) {
            browser.run(
                    "const s = document.querySelector('#temperature'); s.value = arguments[0];"
                            + "s.dispatchEvent(new Event('input'))",
                    place);
            float temperature = Float.parseFloat(browser.text(".temperature"));
            assertEquals(place / (1000.0 - place), temperature, 0.005 * temperature);
            double nats = browser.number("Number(document.querySelector('.nats').dataset.nats)");
            try (Compute compute = Compute.serial()) {
                HeapTensor probs = HeapTensor.zeros(1, logits.length);
                compute.softmax(HeapTensor.of(logits, 1, logits.length), temperature, probs);
                assertEquals(Entropy.nats(probs.data(), 0, logits.length), nats, 8 * 0x1p-24 * (nats + 1));
            }
        }
    }
}
