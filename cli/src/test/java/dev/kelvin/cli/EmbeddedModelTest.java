// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The model that comes with the program, and the short way to it. */
class EmbeddedModelTest {
    private static final String PROMPT = "Once upon a time";
    private static final int SEEDS = 40;

    /** The line of the summary that counts tokens. */
    private static final Pattern GENERATED = Pattern.compile("generated +(\\d+) tokens");

    private static String story(String temperature, String seed) {
        return Outcome.of(
                        "generate",
                        "--prompt",
                        PROMPT,
                        "--temperature",
                        temperature,
                        "--seed",
                        seed,
                        "--max-tokens",
                        "60")
                .result();
    }

    @Test
    void aPromptAloneIsContinued() {
        assertArrayEquals(
                new String[] {"generate", "--echo", "--prompt", PROMPT, "--seed", "1"},
                Main.withCommand(new String[] {PROMPT, "--seed", "1"}));
        assertArrayEquals(
                new String[] {"generate", "--echo", "--prompt", "Lily"}, Main.withCommand(new String[] {"Lily"}));
        for (String[] command : new String[][] {{}, {"--help"}, {"generate", "A b"}, {"genrate"}}) {
            assertArrayEquals(command, Main.withCommand(command));
        }
    }

    @Test
    void isSmallAndSound() throws IOException {
        try (GgufFile file = EmbeddedModel.open()) {
            assertTrue(file.byteSize() <= 4 << 20, file.byteSize() + " bytes");
            assertEquals("llama", file.metadata().string("general.architecture"));
        }
    }

    @Test
    void coldStoriesAreOneAndWarmOnesMany() {
        assertEquals(story("0", "1"), story("0", "2"));
        assertEquals(story("0.7", "1"), story("0.7", "1"));
        assertNotEquals(story("0.7", "1"), story("0.7", "2"));
    }

    /**
     * By default nothing but the model's end of text stops a story: neither the context nor the default of N tokens.
     */
    @Test
    void storiesEndByThemselves() {
        int ended = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            Outcome told = Outcome.of(
                    "generate", "--prompt", PROMPT, "--temperature", "0.7", "--seed", Integer.toString(seed));
            String story = told.result();
            Matcher generated = GENERATED.matcher(told.err());
            assertTrue(generated.find(), told::toString);
            boolean byItself =
                    Integer.parseInt(generated.group(1)) < 500 && !told.err().contains("stopped");
            ended += byItself && story.strip().matches("(?s).*[.!?\"]") ? 1 : 0;
        }
        int count = ended;
        assertTrue(count >= SEEDS * 19 / 20, () -> count + " of " + SEEDS + " stories end by themselves");
    }

    @Test
    void tellsTheSameOnLanes() throws IOException {
        float[] plain;
        try (OpenModel open = Models.open(null, 2, LoadOptions.QUIET)) {
            assertEquals(0, open.compute().vectorBits());
            plain = open.nextLogits(open.promptIds(PROMPT, false));
        }
        try (Compute lanes = Compute.start(1);
                OpenModel open = Models.open(null, lanes, LoadOptions.QUIET)) {
            assertArrayEquals(bits(plain), bits(open.nextLogits(open.promptIds(PROMPT, false))));
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    @Test
    void servesTheOtherCommandsToo() {
        assertTrue(Outcome.of("temperature", "--prompt", PROMPT, "--top", "3")
                .result()
                .contains("τ = ∞"));
        String ids = Outcome.of("tokenize", PROMPT).result().strip().replace(' ', ',');
        assertEquals(PROMPT, Outcome.of("tokenize", "--ids", ids).result().strip());
    }
}
