// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Answers do not depend on who else is asking, nor on what the prefix cache holds: the ids and the log-probabilities of
 * random requests, alone and in company, to the bit. With a window, with a recurrent state, with experts.
 */
class CompanyTest {
    private static final int MOST = 230;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stories260K/stories260K.gguf",
                "architectures/gemma3.gguf",
                "architectures/lfm2.gguf",
                "architectures/lfm2moe.gguf",
                "architectures/gpt-oss.gguf"
            })
    void answersAreTheSameInAnyCompany(String name) throws IOException {
        meet(name, 1, 7, 2);
    }

    /** Some ways to meet: all 6, or the first few. */
    static void meet(String name, long seed, int count, int ways) throws IOException {
        try (Compute one = Compute.start(1);
                Compute two = Compute.start(2);
                GgufFile file = GgufFile.open(SharedData.require(name))) {
            LoadOptions options = LoadOptions.QUIET.withContextLength(256);
            Tokenizer tokenizer = Tokenizers.of(file);
            Decoder alone = LanguageModels.load(file, one, options);
            Company company = new Company(
                    seed,
                    count,
                    tokenizer.vocabSize(),
                    MOST,
                    () -> new Engine(alone, tokenizer, one, EngineLimits.STANDARD.withPrefixCache(false)));
            long bytes = KvPool.bytes(alone.memory(), DType.F32, 256);
            List<EngineLimits> limits = List.of(
                    EngineLimits.STANDARD.withDraft(8),
                    EngineLimits.STANDARD.with(40, 5).withKeysAndValues(2 * bytes, DType.F32),
                    EngineLimits.STANDARD.with(7, 7).withKeysAndValues(3 * bytes, DType.F32),
                    EngineLimits.STANDARD.with(31, 9).withDraft(EngineLimits.MOST_DRAFT),
                    EngineLimits.STANDARD,
                    EngineLimits.STANDARD.withPrefixCache(false));
            for (int i = 0; i < ways; i++) {
                boolean serial = i % 2 == 0;
                Compute compute = serial ? one : two;
                Decoder model = serial ? alone : LanguageModels.load(file, compute, options);
                Engine engine = new Engine(model, null, tokenizer, compute, limits.get(i), Answers.steadyClock());
                company.meet(engine, 10 + i, name + " cold, " + limits.get(i));
                company.meet(engine, 20 + i, name + " warm, " + limits.get(i));
                EngineFingerprint fingerprint = EngineFingerprint.of(file, 256, DType.F32);
                Path saved = Files.createTempFile("prefixes", ".kv");
                try {
                    engine.saveCache(saved, fingerprint);
                    Engine restarted = new Engine(model, tokenizer, compute, limits.get(i));
                    restarted.loadCache(saved, fingerprint);
                    company.meet(restarted, 30 + i, name + " after a restart, " + limits.get(i));
                } finally {
                    Files.delete(saved);
                }
                assertTrue(engine.usedBytes() <= engine.kvBytes());
                engine.forgetPrefixes();
                assertEquals(0, engine.usedBytes());
            }
        }
    }
}
