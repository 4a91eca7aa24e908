// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.head.Temperature;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.Progress;
import dev.kelvin.ops.Compute;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that a fault was seen with; the right answers are those of {@code shared/data/faults/README.md}. */
class FaultyVocabulariesTest {
    private final List<String> notes = new ArrayList<>();

    private Tokenizer load(String name) throws IOException {
        try (GgufFile file = GgufFile.open(SharedData.require("faults/" + name + ".gguf"))) {
            return Tokenizers.of(file, LoadOptions.telling(telling(notes)));
        }
    }

    private static List<Integer> generate(String name, String prompt, GenerateOptions options) throws IOException {
        List<Integer> made = new ArrayList<>();
        try (GgufFile file = GgufFile.open(SharedData.require("faults/" + name + ".gguf"));
                Compute compute = Compute.start(1)) {
            Tokenizer tokenizer = Tokenizers.of(file);
            Engine engine = new Engine(LanguageModels.load(file, compute), tokenizer, compute, EngineLimits.STANDARD);
            Answers.generate(engine, Tokenizers.promptIds(tokenizer, prompt), options, made::add);
        }
        return made;
    }

    @Test
    void overlappingAddedTokens() throws IOException {
        Tokenizer tokenizer = load("r01-added-digits-bpe");
        assertArrayEquals(
                new String[] {"131", "415", "1"},
                Arrays.stream(tokenizer.encode("1314151"))
                        .mapToObj(tokenizer::piece)
                        .toArray());
    }

    @Test
    void anEndOfUserDefinedType() throws IOException {
        List<Integer> made = generate("r02-eog-user", "p", GenerateOptions.greedy(16));
        assertTrue(made.size() < 16, made::toString);
    }

    @Test
    void missingSpecialIds() throws IOException {
        Tokenizer tokenizer = load("r04-no-special-ids");
        assertEquals(1, tokenizer.bosId());
        assertEquals(2, tokenizer.eosId());
        assertTrue(tokenizer.addsBos());
        assertEquals(1, Tokenizers.promptIds(tokenizer, "a")[0]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"r05-scores-missing", "r05-types-zero"})
    void tablesThatSayNothing(String name) throws IOException {
        Tokenizer tokenizer = load(name);
        assertEquals("the a", tokenizer.decode(tokenizer.encode("the a")));
    }

    @Test
    void aSuppressedTokenIsNeverMade() throws IOException {
        int suppressed = load("r19-suppress").special().suppressed().getFirst();
        for (GenerateOptions options : List.of(
                GenerateOptions.greedy(40),
                new GenerateOptions(40, 3, List.of(new Temperature(1))),
                new GenerateOptions(40, 3, List.of(new Temperature(Float.POSITIVE_INFINITY))))) {
            List<Integer> made = generate("r19-suppress", "p", options);
            assertTrue(!made.contains(suppressed), made::toString);
        }
    }

    @Test
    void aControlTokenInAPrompt() throws IOException {
        Tokenizer tokenizer = load("r20-control-in-prompt");
        assertEquals(8, Tokenizers.promptIds(tokenizer, "<|user|>").length);
        assertArrayEquals(new int[] {258}, Tokenizers.promptIds(tokenizer, "<|user|>", true));
    }

    @Test
    void aMissingPreTokenizerIsToldInOneLine() throws IOException {
        Tokenizer tokenizer = load("r22-pre-missing");
        assertEquals(1, notes.size(), notes::toString);
        assertTrue(notes.getFirst().contains("tokenizer.ggml.pre"), notes::toString);
        assertEquals("333 3", tokenizer.decode(tokenizer.encode("333 3")));
    }

    private static Progress telling(List<String> notes) {
        return new Progress() {
            @Override
            public void at(long done, long total) {}

            @Override
            public void remark(String line) {
                notes.add(line);
            }
        };
    }
}
