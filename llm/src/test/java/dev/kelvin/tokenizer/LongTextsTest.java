// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tokenizer.split.SplitRule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** Texts for which a quadratic tokenizer would take hours; the limits are far above what a linear one needs. */
class LongTextsTest {
    private static final int CHARS = 1 << 17;

    private static Tokenizer bytePairs(SplitRule preTokenizer) {
        BpeVocabulary learned =
                BpeTrainer.train(List.of("a".repeat(1 << 12), "ab ab ab ba", " ".repeat(64)), 270, false);
        return GgufTokenizers.bytePairs(
                new BpeVocabulary(learned.pieces(), learned.types(), learned.merges(), preTokenizer, -1, -1, false));
    }

    private static Tokenizer sentencePieces() {
        String[] pieces = new String[256 + 4];
        float[] scores = new float[pieces.length];
        int[] types = new int[pieces.length];
        for (int value = 0; value < 256; value++) {
            pieces[value] = String.format("<0x%02X>", value);
            types[value] = Vocabulary.BYTE;
        }
        for (int i = 0; i < 4; i++) {
            pieces[256 + i] = List.of("\u2581", "a", "aa", "aaaa").get(i);
            scores[256 + i] = i;
            types[256 + i] = Vocabulary.NORMAL;
        }
        return GgufTokenizers.sentencePieces(new Vocabulary(pieces, scores, types, -1, -1, -1, false, false));
    }

    private static Map<String, String> texts() {
        Random random = new Random(3);
        byte[] noise = new byte[CHARS];
        random.nextBytes(noise);
        StringBuilder chars = new StringBuilder();
        StringBuilder points = new StringBuilder();
        while (chars.length() < CHARS) {
            chars.append((char) random.nextInt(0x10000));
            points.appendCodePoint(random.nextInt(0x110000));
        }
        Map<String, String> texts = new TreeMap<>();
        texts.put("one letter", "a".repeat(CHARS));
        texts.put("spaces", " ".repeat(CHARS));
        texts.put("spaces and a letter", " ".repeat(CHARS) + "a");
        texts.put("line feeds", "\n".repeat(CHARS));
        texts.put("spaces and line feeds", " \n\t".repeat(CHARS / 3) + " ");
        texts.put("apostrophes", "'".repeat(CHARS));
        texts.put("digits", "1".repeat(CHARS));
        texts.put("bytes", new String(noise, StandardCharsets.ISO_8859_1));
        texts.put("chars, lone surrogates among them", chars.toString());
        texts.put("code points", points.toString());
        texts.put("high surrogates", "\ud800".repeat(CHARS));
        return texts;
    }

    private static void allIn(Tokenizer tokenizer, char space, String name) {
        texts().forEach((what, text) -> {
            String back = Assertions.assertTimeoutPreemptively(
                    Duration.ofSeconds(20), () -> tokenizer.decode(tokenizer.encode(text)), () -> name + ": " + what);
            // Not assertEquals, which would print megabytes.
            assertTrue(Surrogates.replaced(text).replace(space, ' ').equals(back), () -> name + ": " + what);
        });
    }

    @Test
    void bytePairsTakeThem() {
        for (SplitRule rule : List.of(SplitRule.GPT2, SplitRule.LLAMA3, SplitRule.TEKKEN, SplitRule.DEEPSEEK3)) {
            allIn(bytePairs(rule), ' ', rule.name());
        }
    }

    @Test
    void sentencePiecesTakeThem() {
        allIn(sentencePieces(), '\u2581', "llama");
    }

    @Test
    void trainingTakesThem() {
        BpeVocabulary vocabulary = Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> BpeTrainer.train(texts().values(), 400, false));
        assertEquals(400, vocabulary.pieces().length);
        assertTrue(List.of(vocabulary.merges()).contains("a a"));
    }
}
