// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufMetadata;
import dev.kelvin.format.ModelFormatException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final Path FILE = Path.of("some.gguf");

    /** Keeps what it is told. */
    private static final class Remarks implements Progress {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void at(long done, long total) {
            throw new AssertionError("nothing is loaded");
        }

        @Override
        public void remark(String line) {
            lines.add(line);
        }
    }

    private static Keys keys(Object... keysAndValues) throws ModelFormatException {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", "llama");
        for (int i = 0; i < keysAndValues.length; i += 2) {
            metadata.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return Keys.ofArchitecture(FILE, GgufMetadata.of(FILE, metadata));
    }

    private static List<String> settled(Keys keys, boolean strict) throws ModelFormatException {
        Remarks remarks = new Remarks();
        keys.settle(new LoadOptions(remarks, strict, 0));
        return remarks.lines;
    }

    private static void refused(Keys keys, boolean strict, String... parts) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> settled(keys, strict));
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void whatIsKnownToChangeTheResultIsRefusedByName() throws ModelFormatException {
        refused(keys("llama.logit_scale", 0.5f), false, "some.gguf: key llama.logit_scale", "found 0.5");
        refused(keys("llama.attention.sliding_window", new int[] {0, 4}), false, "llama.attention.sliding_window");
        refused(keys("llama.rope.dimension_sections", new int[] {11, 11, 10, 0}), false, "rope.dimension_sections");
        refused(keys("llama.rope.scaling.type", "yarn"), false, "llama.rope.scaling.type", "found yarn");
    }

    @Test
    void unlessItsValueAsksForNothing() throws ModelFormatException {
        Keys keys = keys(
                "llama.logit_scale",
                1f,
                "llama.attention.sliding_window",
                new int[] {0, 0},
                "llama.expert_count",
                0L,
                "llama.use_parallel_residual",
                false,
                "llama.attention.causal",
                true,
                "llama.rope.scaling.type",
                "none");
        assertEquals(List.of(), settled(keys, true));
    }

    @Test
    void whatIsHarmlessOrTakenIsPassedOver() throws ModelFormatException {
        Keys keys = keys(
                "llama.tensor_data_layout",
                "Meta AI original pth",
                "llama.logit_scale",
                2f,
                "general.author",
                "nobody");
        assertEquals(2, keys.real("logit_scale", 1));
        assertEquals(List.of(), settled(keys, true));
    }

    @Test
    void whatNobodyKnowsIsNamedOnceOrRefused() throws ModelFormatException {
        Object[] pair = {"llama.attention.wobble", 3, "llama.list", new int[] {1, 2}};
        assertEquals(
                List.of(
                        "some.gguf: key llama.attention.wobble: expected a key that is known, found 3; it is not read",
                        "some.gguf: key llama.list: expected a key that is known, found ARRAY[INT32]; it is not read"),
                settled(keys(pair), false));
        refused(keys(pair), true, "key llama.attention.wobble");
    }

    @Test
    void aChoiceIsToldInOneLine() throws ModelFormatException {
        Keys keys = keys("llama.vocab_size", 5);
        keys.remark("vocab_size", "the 7 of tokenizer.ggml.tokens, which are taken", keys.positive("vocab_size"));
        assertEquals(
                List.of("some.gguf: key llama.vocab_size: expected the 7 of tokenizer.ggml.tokens, which are taken,"
                        + " found 5"),
                settled(keys, true));
    }

    @Test
    void anArrayOfEqualNumbersIsThatNumber() throws ModelFormatException {
        Keys keys =
                keys("llama.a", new short[] {3, 3}, "llama.b", new double[] {0.5, 0.5}, "llama.c", new long[] {1, 2});
        assertEquals(3, keys.integer("a"));
        assertEquals(3, keys.positive("a", 7));
        assertEquals(0.5f, keys.real("b"));
        assertThrows(ModelFormatException.class, () -> keys.integer("c"));
        assertThrows(ModelFormatException.class, () -> keys.integers("c", 3));
        assertArrayEquals(new int[] {1, 2}, keys.integers("c", 2));
        assertArrayEquals(new int[] {3, 3}, keys.integers("a", 2));
        assertArrayEquals(new int[] {4, 4, 4}, keys("llama.d", 4).integers("d", 3));
    }

    @Test
    void accessorsKnowBoundsAndDefaults() throws ModelFormatException {
        Keys keys = keys("llama.zero", 0, "llama.none", 0f, "llama.text", "x", "llama.yes", true);
        assertThrows(ModelFormatException.class, () -> keys.positive("zero"));
        assertThrows(ModelFormatException.class, () -> keys.positiveReal("none"));
        assertThrows(ModelFormatException.class, () -> keys.integer("text"));
        assertThrows(ModelFormatException.class, () -> keys.positive("missing"));
        assertEquals(9, keys.positive("missing", 9));
        assertEquals(1.5f, keys.positiveReal("missing", 1.5f));
        assertEquals("x", keys.string("text", "y"));
        assertTrue(keys.flag("yes", false));
        assertEquals(List.of(), settled(keys, true));
    }
}
