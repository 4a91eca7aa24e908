// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.function.IntConsumer;

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
}
