// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.model.DecoderShape;
import dev.kelvin.model.LanguageModels;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeTest {
    private static Recipe recipe(int steps, int warmup, double rate, double least) {
        return new Recipe(1, 1, steps, rate, least, warmup, 0.9, 0.99, 0.1, 1, 0, 1);
    }

    @Test
    void theLearningRateClimbsAndFallsAlongHalfACosine() {
        Recipe recipe = recipe(1101, 100, 1e-3, 1e-4);
        assertEquals(1e-3 / 101, recipe.learningRate(0));
        assertEquals(1e-3 * 50 / 101, recipe.learningRate(49), 1e-18);
        for (int step = 100; step <= 1100; step += 50) {
            double expected = 1e-4 + 9e-4 * (1 + Math.cos(Math.PI * (step - 100) / 1000)) / 2;
            assertEquals(expected, recipe.learningRate(step), 1e-15);
        }
        assertEquals(1e-3, recipe.learningRate(100));
        assertEquals(1e-4, recipe.learningRate(1100), 1e-18);
    }

    @Test
    void shortRunsHaveARateToo() {
        assertEquals(1e-4, recipe(1, 0, 1e-3, 1e-4).learningRate(0));
        assertEquals(1e-3, recipe(2, 0, 1e-3, 1e-4).learningRate(0));
        assertEquals(5e-4, recipe(1, 1, 1e-3, 1e-4).learningRate(0));
    }

    @Test
    void namesTheRangeOfARate() {
        String rate = assertThrows(IllegalArgumentException.class, () -> recipe(10, 0, 1000, 1e-4))
                .getMessage();
        assertEquals("recipe: learningRate must be in (0, 1000), got 1000.0", rate);
        String decay = assertThrows(
                        IllegalArgumentException.class,
                        () -> new Recipe(1, 1, 1, 1e-3, 1e-4, 0, 0.9, 0.99, 1000, 1, 0, 1))
                .getMessage();
        assertEquals("recipe: weightDecay must be in [0, 1000), got 1000.0", decay);
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertThrows(IllegalArgumentException.class, () -> recipe(0, 0, 1e-3, 1e-4));
        assertThrows(IllegalArgumentException.class, () -> recipe(10, -1, 1e-3, 1e-4));
        assertThrows(IllegalArgumentException.class, () -> recipe(10, 0, Double.NaN, 1e-4));
        assertThrows(IllegalArgumentException.class, () -> recipe(10, 0, 1e-3, 2e-3));
        assertThrows(IllegalArgumentException.class, () -> new DecoderShape("llama", 5, 5, 9, 9, 3, 3, 1, true));
        assertThrows(IllegalArgumentException.class, () -> new DecoderShape("gpt2", 5, 5, 8, 9, 4, 2, 1, true));
        assertThrows(IllegalArgumentException.class, () -> new DecoderShape("llama", 5, 5, 8, 9, 3, 3, 1, true));
    }

    @Test
    void aShapeIsOfAnArchitectureThatIsTrained() {
        assertEquals(List.of("llama", "gpt2"), LanguageModels.trainable());
        for (String other : new String[] {"bert", "LLAMA", ""}) {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> new DecoderShape(other, 5, 5, 8, 9, 2, 2, 1, true))
                    .getMessage();
            assertEquals("decoder: architecture must be one of llama, gpt2, got " + other, message);
        }
        assertEquals(352, DecoderShape.usualFfnDim("llama", 128));
        assertEquals(512, DecoderShape.usualFfnDim("gpt2", 128));
        assertEquals(Integer.MAX_VALUE, DecoderShape.usualFfnDim("gpt2", 1 << 30));
    }
}
