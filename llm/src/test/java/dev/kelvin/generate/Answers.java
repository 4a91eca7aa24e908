// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/** Asks an engine for ids. */
final class Answers {
    private Answers() {}

    /** Hears ids alone. */
    static GenerationListener ids(IntConsumer ids) {
        return new GenerationListener() {
            @Override
            public void token(GeneratedToken token) {
                ids.accept(token.id());
            }
        };
    }

    static Generation generate(Engine engine, int[] prompt, GenerateOptions options, IntConsumer ids) {
        return engine.generate(GenerationRequest.of(prompt, options), ids(ids));
    }

    /** A clock by which every pass takes as long, so that guesses depend on the text alone. */
    static LongSupplier steadyClock() {
        long[] now = {0};
        return () -> now[0] += 1000;
    }
}
