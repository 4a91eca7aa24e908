// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Families of attention against a forward pass in double precision, on models whose sizes and options are drawn. */
class NaiveTransformersTest {
    private static final int SEEDS = Integer.getInteger("kelvin.seeds", 5);
    private static final int TOKENS = 24;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "mistral3",
                "granite",
                "granitemoe",
                "qwen2",
                "qwen3",
                "qwen2moe",
                "qwen3moe",
                "gemma2",
                "gemma3",
                "gemma-embedding",
                "phi3",
                "smollm3",
                "olmo2",
                "starcoder2",
                "gpt2",
                "bert",
                "nomic-bert",
                "modern-bert",
                "gpt-oss",
                "lfm2",
                "lfm2moe"
            })
    void modelsThatAreDrawn(String family) throws IOException {
        for (int seed = 1; seed <= SEEDS; seed++) {
            System.out.print("seed " + seed + ", ");
            new NaiveTransformer(family, seed).check(folder.resolve("model-" + seed + ".gguf"), TOKENS);
        }
    }
}
