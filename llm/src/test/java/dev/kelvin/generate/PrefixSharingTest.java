// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.model.TinyLlama;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much of a prompt is taken from others that began alike. */
class PrefixSharingTest {
    @TempDir
    private Path folder;

    private final Compute compute = Compute.serial();
    private final List<Integer> made = new ArrayList<>();
    private GgufFile file;
    private Decoder model;
    private Tokenizer tokenizer;

    @BeforeEach
    void load() throws IOException {
        ModelConfig config = new ModelConfig(36, 53, 6, 2, 10, 2, 29, 1000, 1e-5f, 10000f, 10);
        load(TinyLlama.withLetters(config, false, 3).write(folder.resolve("letters.gguf")));
    }

    private void load(Path path) throws IOException {
        file = GgufFile.open(path);
        model = LanguageModels.load(file, compute, LoadOptions.QUIET.withContextLength(1000));
        tokenizer = Tokenizers.of(file);
    }

    @AfterEach
    void close() {
        compute.close();
        file.close();
    }

    private Engine engine(EngineLimits limits) {
        return new Engine(model, tokenizer, compute, limits);
    }

    private static int[] text(int length) {
        return IntStream.range(0, length).map(i -> 3 + i * i % 23).toArray();
    }

    private static GenerationRequest request(int... prompt) {
        return GenerationRequest.of(prompt, GenerateOptions.greedy(4));
    }

    private int cached(Engine engine, int... prompt) {
        return engine.generate(request(prompt), Answers.ids(made::add)).cachedTokens();
    }

    @Test
    void aPromptThatIsAskedAgainComputesItsLastToken() {
        Engine engine = engine(EngineLimits.STANDARD);
        assertEquals(0, cached(engine, text(200)));
        assertEquals(199, cached(engine, text(200)));
        assertEquals(made.subList(0, 4), made.subList(4, 8));
        assertEquals(99, cached(engine, text(100)));
        // The conversation goes on: all but the last pick, which was never computed.
        int[] next = IntStream.concat(
                        IntStream.of(text(200)),
                        IntStream.concat(made.subList(0, 4).stream().mapToInt(Integer::intValue), IntStream.of(3, 4)))
                .toArray();
        assertEquals(203, cached(engine, next));
        int[] other = text(200);
        other[77]++;
        assertEquals(77, cached(engine, other));
        engine.forgetPrefixes();
        assertEquals(0, cached(engine, text(200)));
        assertEquals(0, engine.usedBytes() - KvPool.bytes(model.memory(), DType.F32, 203));
        Engine none = engine(EngineLimits.STANDARD.withPrefixCache(false));
        assertEquals(0, cached(none, text(200)) + cached(none, text(200)));
        assertEquals(0, none.usedBytes());
    }

    @Test
    void whoAsksTheSameAtTheSameTimeWaitsForTheOlderOne() {
        Engine engine = engine(EngineLimits.STANDARD.with(64, 8));
        List<GenerationTask> tasks = new ArrayList<>();
        int[] longer = Arrays.copyOf(text(420), 460);
        int[] other = text(420);
        other[0]++;
        for (int[] prompt : new int[][] {text(420), text(420), longer, text(150), other}) {
            tasks.add(engine.submit(request(prompt), GenerationListener.NONE));
        }
        while (engine.step()) {}
        List<Integer> cached =
                tasks.stream().map(task -> task.result().join().cachedTokens()).toList();
        assertEquals(List.of(0, 419, 420, 149, 0), cached);
    }

    @Test
    void cancelledAnswersLeaveWhatTheyHaveComputed() {
        Engine engine = engine(EngineLimits.STANDARD.with(64, 8));
        GenerationTask task = engine.submit(request(text(400)), GenerationListener.NONE);
        engine.step();
        engine.step();
        task.cancel();
        engine.step();
        assertEquals(StopReason.CANCELLED, task.result().join().stopReason());
        assertEquals(128, cached(engine, text(400)));
    }

    /** Prefixes go before anybody waits, and nobody ends for want of memory. */
    @Test
    void whereMemoryEndsPrefixesGoFirst() {
        long bytes = KvPool.bytes(model.memory(), DType.F32, 64);
        Engine engine = engine(EngineLimits.STANDARD.withKeysAndValues(8 * bytes, DType.F32));
        cached(engine, text(200));
        int[] other = IntStream.of(text(300)).map(id -> 29 - id).toArray();
        assertEquals(0, cached(engine, other));
        assertTrue(engine.usedBytes() <= 8 * bytes);
        assertEquals(192, cached(engine, text(200)), "a page had to go");
        List<GenerationTask> tasks = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            int[] prompt = text(100 + 30 * i);
            prompt[i % 3] = 4;
            tasks.add(engine.submit(request(prompt), GenerationListener.NONE));
        }
        assertEquals(512, engine.contextLength());
        while (engine.step()) {
            assertTrue(engine.usedBytes() <= 8 * bytes);
        }
        for (GenerationTask task : tasks) {
            StopReason reason = task.result().join().stopReason();
            assertTrue(reason == StopReason.MAX_TOKENS || reason == StopReason.END_OF_TEXT, reason.toString());
        }
    }

    @Test
    void aRecurrentModelGoesOnFromTheLastWholePage() throws IOException {
        file.close();
        load(SharedData.require("architectures/lfm2.gguf"));
        Engine engine = engine(EngineLimits.STANDARD);
        assertEquals(0, cached(engine, text(150)));
        assertEquals(128, cached(engine, text(150)));
        assertEquals(128, cached(engine, text(170)));
        assertEquals(0, cached(engine, text(127)));
        int[] next = IntStream.concat(
                        IntStream.of(text(150)),
                        IntStream.concat(made.subList(0, 4).stream().mapToInt(Integer::intValue), IntStream.of(3, 4)))
                .toArray();
        assertEquals(153, cached(engine, next));
        engine.forgetPrefixes();
        List<GenerationTask> tasks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            tasks.add(engine.submit(request(text(150)), GenerationListener.NONE));
        }
        while (engine.step()) {}
        assertEquals(
                List.of(0, 128, 128),
                tasks.stream().map(task -> task.result().join().cachedTokens()).toList());
    }
}
