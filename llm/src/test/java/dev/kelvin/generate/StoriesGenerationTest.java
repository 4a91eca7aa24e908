// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Greedy decoding of the real model stories260K: the text is llama2.c's, the ids those of a float64 computation. */
class StoriesGenerationTest {
    private static final int STEPS = 200;

    private record Story(String text, List<Integer> ids, Generation generation) {}

    private static Story tell(int threads, int[] prompt, int maxTokens) throws IOException {
        Path path = SharedData.require("stories260K/stories260K.gguf");
        try (Compute compute = Compute.start(threads);
                GgufFile file = GgufFile.open(path)) {
            Tokenizer tokenizer = Tokenizers.of(file);
            Engine engine = new Engine(LanguageModels.load(file, compute), tokenizer, compute, EngineLimits.STANDARD);
            StringBuilder text = new StringBuilder();
            List<Integer> ids = new ArrayList<>();
            GenerationRequest request = GenerationRequest.of(prompt, GenerateOptions.greedy(maxTokens));
            Generation generation = engine.generate(request, new GenerationListener() {
                @Override
                public void token(GeneratedToken token) {
                    ids.add(token.id());
                }

                @Override
                public void text(String piece) {
                    text.append(piece);
                }
            });
            return new Story(text.toString(), ids, generation);
        }
    }

    private static int[] expectedIds() throws IOException {
        String text = Files.readString(SharedData.require("stories260K/greedy200-ids.txt"));
        return Arrays.stream(text.strip().split("\\s+", -1))
                .mapToInt(Integer::parseInt)
                .toArray();
    }

    @Test
    void tellsTheExpectedStoryToTheLetter() throws IOException {
        String expected = Files.readString(SharedData.require("stories260K/expected-greedy-n200.txt"));
        int[] expectedIds = expectedIds();
        assertEquals(1 + STEPS, expectedIds.length, "BOS and one id a step");
        for (int threads = 1; threads <= 3; threads++) {
            Story story = tell(threads, new int[0], STEPS);
            assertEquals(expected, story.text());
            assertArrayEquals(
                    Arrays.copyOfRange(expectedIds, 1, expectedIds.length),
                    story.ids().stream().mapToInt(Integer::intValue).toArray());
            assertEquals(1, story.generation().promptTokens());
            assertEquals(STEPS, story.generation().generatedTokens());
            assertEquals(StopReason.MAX_TOKENS, story.generation().stopReason());
        }
    }

    @Test
    void goesOnTheSameWayFromAnyPointOfTheStory() throws IOException {
        int[] ids = expectedIds();
        for (int given : new int[] {2, 17, 100, 190}) {
            Story story = tell(2, Arrays.copyOf(ids, given), ids.length - given);
            assertArrayEquals(
                    Arrays.copyOfRange(ids, given, ids.length),
                    story.ids().stream().mapToInt(Integer::intValue).toArray(),
                    "after " + given + " ids");
        }
    }

    @Test
    void stopsWhereTheModelBeginsAnotherStory() throws IOException {
        // In its training text BOS stood between stories: it is what this model ends one with, and llama2.c stops at
        // it.
        Story story = tell(1, new int[0], 10_000);
        assertEquals(StopReason.END_OF_TEXT, story.generation().stopReason());
        assertFalse(story.ids().contains(1));
        assertEquals(345, story.generation().generatedTokens());
    }
}
