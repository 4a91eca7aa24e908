// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedModelsTest {
    @TempDir
    Path folder;

    private static ModelSpec spec(Path file, int threads, Duration idle) {
        return new ModelSpec(file.toString(), threads, 4, 1 << 20, idle);
    }

    @Test
    void tasksThatComeAtOnceShareOneModel() throws Exception {
        Path file = Models.writeVectors(folder.resolve("m.gguf"));
        SharedModels models = new SharedModels();
        ModelSpec spec = spec(file, 1, Duration.ofMillis(1));
        List<SharedModels.Lease> leases = new ArrayList<>();
        try (ExecutorService tasks = Executors.newFixedThreadPool(4)) {
            List<Callable<SharedModels.Lease>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(() -> models.lease(spec));
            }
            for (Future<SharedModels.Lease> each : tasks.invokeAll(calls)) {
                leases.add(each.get());
            }
        }
        SharedModel model = leases.getFirst().model();
        leases.forEach(lease -> assertSame(model, lease.model()));
        assertEquals(1, models.size());
        assertEquals(8, models.leases());
        try (SharedModels.Lease other = models.lease(spec(file, 2, Duration.ofMillis(1)))) {
            assertNotSame(model, other.model(), "other threads, another model");
        }
        leases.subList(1, 8).forEach(SharedModels.Lease::close);
        Thread.sleep(1500); // several looks for models that nobody uses
        assertSame(model, leases.getFirst().model());
        assertEquals(24, vector(leases.getFirst()).length, "it still works");
        leases.getFirst().close();
        awaitNone(models);
        try (SharedModels.Lease again = models.lease(spec)) {
            assertNotSame(model, again.model());
            assertEquals(24, vector(again).length);
        }
    }

    private static Float[] vector(SharedModels.Lease lease) throws InterruptedException, ExecutionException {
        AnswerSpec any = KelvinOptions.builder("m.gguf").build().answer();
        return (Float[]) Operation.EMBED
                .ready(lease.model(), any)
                .begin("abc", 0)
                .result()
                .get();
    }

    private static void awaitNone(SharedModels models) throws InterruptedException {
        for (int i = 0; i < 100 && models.size() > 0; i++) {
            Thread.sleep(100);
        }
        assertEquals(0, models.size(), "models that nobody uses are closed");
    }

    @Test
    void aFileThatWasReplacedIsAnotherModel() throws IOException, InterruptedException {
        Path file = Models.writeVectors(folder.resolve("m.gguf"));
        SharedModels models = new SharedModels();
        ModelSpec spec = spec(file, 1, Duration.ofMillis(1));
        try (SharedModels.Lease before = models.lease(spec)) {
            Path next = Files.copy(Models.STORIES, folder.resolve("next.gguf"));
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
            try (SharedModels.Lease after = models.lease(spec)) {
                assertNotSame(before.model(), after.model());
                assertTrue(after.model().tokenizer().vocabSize()
                        > before.model().tokenizer().vocabSize());
            }
        }
        awaitNone(models);
    }

    @Test
    void whatCannotBeOpenedLeavesNothingBehind() throws IOException, InterruptedException {
        SharedModels models = new SharedModels();
        ModelSpec missing = spec(folder.resolve("none.gguf"), 1, Duration.ZERO);
        assertThrows(NoSuchFileException.class, () -> models.lease(missing));
        Path junk = Files.writeString(folder.resolve("junk.gguf"), "no model at all");
        assertThrows(IOException.class, () -> models.lease(spec(junk, 1, Duration.ZERO)));
        assertEquals(0, models.leases());
        awaitNone(models);
    }
}
