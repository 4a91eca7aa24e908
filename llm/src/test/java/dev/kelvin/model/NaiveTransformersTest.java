// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Families of attention against a forward pass in double precision, on models whose sizes and options are drawn. */
class NaiveTransformersTest {
    private static final int SEEDS = Integer.getInteger("kelvin.seeds", 5);
    private static final int TOKENS = 24;

    @TempDir
    private Path folder;

    static Set<String> families() {
        return NaiveFamilies.names();
    }

    @ParameterizedTest
    @MethodSource("families")
    void modelsThatAreDrawn(String family) throws IOException {
        for (int seed = 1; seed <= SEEDS; seed++) {
            System.out.print("seed " + seed + ", ");
            new NaiveTransformer(family, seed).check(folder.resolve("model-" + seed + ".gguf"), TOKENS);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama", "qwen2", "qwen2moe", "qwen3moe", "gemma2", "phi3", "gpt2", "gpt-oss", "lfm2moe", "bert"
            })
    void projectionsWithFactors(String family) throws IOException {
        new NaiveTransformer(family, 77).scaled().check(folder.resolve("scaled.gguf"), TOKENS);
    }
}
