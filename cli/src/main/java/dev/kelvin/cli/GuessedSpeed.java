// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.Temperature;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Times answers whose tokens are guessed, the most probable ones behind a prompt of random ids. How often a guess is
 * right is the matter of model and text: other texts have other times.
 */
final class GuessedSpeed {
    private final Engine engine;
    private final int[] prompt;
    private final GenerateOptions options;

    /**
     * Nothing timed yet.
     *
     * @param limits of the engine, with the tokens that are guessed at most
     * @param depth tokens of the prompt; one if it is 0
     * @param tokens that are generated; the answer does not end before
     */
    GuessedSpeed(OpenModel open, EngineLimits limits, int depth, int tokens) throws IOException {
        engine = open.engine(limits.withPrefixCache(false));
        prompt = new SplittableRandom(1)
                .ints(Math.max(1, depth), 0, open.vocabSize())
                .toArray();
        Tokenizer tokenizer = open.tokenizer();
        List<LogitBias.Entry> never = IntStream.range(0, open.vocabSize())
                .filter(id -> tokenizer.isEndOfText(id) || id == tokenizer.bosId())
                .mapToObj(id -> new LogitBias.Entry(id, Float.NEGATIVE_INFINITY))
                .toList();
        options = new GenerateOptions(tokens, 0, List.of(new LogitBias(never), new Temperature(0)));
    }

    /** Tokens a second, without the first. */
    double generation() {
        Generation made = engine.generate(GenerationRequest.of(prompt, options), GenerationListener.NONE);
        return made.generatedTokensPerSecond();
    }

    /** Tokens that were guessed, in all answers. */
    long guessed() {
        return engine.metrics().draftedTokens();
    }

    /** How many of them were right. */
    long right() {
        return engine.metrics().acceptedTokens();
    }
}
