// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where packed weights lie, for how long, and what happens where there is no memory for them. */
class WeightMemoryTest {
    private static final Shape SHAPE = Shape.of(128, 256);

    @TempDir
    Path folder;

    private final List<String> remarks = new ArrayList<>();

    private final Progress progress = new Progress() {
        @Override
        public void at(long done, long total) {
            assertTrue(done <= total);
        }

        @Override
        public void remark(String line) {
            remarks.add(line);
        }
    };

    private static MappedTensor weight(Arena arena) {
        return new MappedTensor(DType.Q4_0, SHAPE, arena.allocate(DType.Q4_0.byteSize(SHAPE.elements())));
    }

    @Test
    void packedWeightsEndWithTheirArena() {
        try (Compute compute = Compute.start(1);
                Arena file = Arena.ofShared()) {
            Arena arena = Arena.ofShared();
            WeightPacker packer = new WeightPacker(compute, arena, 0, OptionalLong.empty(), progress);
            PackedTensor packed = assertInstanceOf(PackedTensor.class, packer.pack(weight(file)));
            assertTrue(packed.segment().scope().isAlive());
            arena.close();
            assertFalse(packed.segment().scope().isAlive());
        }
        assertEquals(List.of(), remarks);
    }

    @Test
    void weightsOfAClosedFileAreRefused() throws IOException {
        ModelConfig config = new ModelConfig(256, 512, 4, 2, 64, 1, 128, 32, 1e-5f, 10000f, 64);
        Path plain = new TinyLlama(config, false, 3).write(folder.resolve("f32.gguf"));
        Path packed = folder.resolve("q4_0.gguf");
        try (Compute compute = Compute.start(1)) {
            try (GgufFile file = GgufFile.open(plain)) {
                Quantizer.quantize(file, compute, WeightScheme.Q4_0, packed, Progress.NONE);
            }
            Decoder model;
            try (GgufFile file = GgufFile.open(packed)) {
                model = LanguageModels.load(file, compute);
            }
            assertThrows(IllegalStateException.class, () -> Forwards.logits(model, new int[] {1}));
        }
    }

    @Test
    void whereMemoryEndsTheRestStaysMappedAndThatIsSaidOnce() {
        try (Compute compute = Compute.start(1);
                Arena arena = Arena.ofShared()) {
            int[] asked = new int[1];
            SegmentAllocator one = (bytes, alignment) -> {
                if (asked[0]++ > 0) {
                    throw new OutOfMemoryError("Unable to allocate 1 bytes");
                }
                return arena.allocate(bytes, alignment);
            };
            WeightPacker packer = new WeightPacker(compute, one, 0, OptionalLong.empty(), progress);
            assertInstanceOf(PackedTensor.class, packer.pack(weight(arena)));
            for (int i = 0; i < 3; i++) {
                MappedTensor mapped = weight(arena);
                assertSame(mapped, packer.pack(mapped));
            }
            assertEquals(2, asked[0]);
            assertEquals(
                    List.of("no memory to pack 0.0 GB of weights (Unable to allocate 1 bytes); "
                            + "weights stay in the file, which is slower and "
                            + "changes the last digits"),
                    remarks);
        }
    }

    @Test
    void whatDoesNotFitIsForetold() {
        long gigabyte = 1L << 30;
        try (Compute compute = Compute.start(1);
                Arena arena = Arena.ofShared()) {
            MappedTensor mapped = weight(arena);
            OptionalLong limit = OptionalLong.of(2 * gigabyte);
            WeightPacker fits = new WeightPacker(compute, arena, 2 * gigabyte - (100L << 20), limit, progress);
            assertInstanceOf(PackedTensor.class, fits.pack(mapped));
            assertEquals(List.of(), remarks);
            WeightPacker tooMuch = new WeightPacker(compute, arena, 5 * gigabyte, limit, progress);
            assertSame(mapped, tooMuch.pack(mapped));
            assertEquals(
                    List.of("the weights take 5.4 GB and there are only 2.1 GB of memory; weights stay in the file, "
                            + "which is slower and changes the last digits"),
                    remarks);
        }
    }

    private Path write(String file, String text) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    @Test
    void theLimitIsThatOfTheMachineOrOfAControlGroup() throws IOException {
        assertEquals(OptionalLong.empty(), SystemMemory.limit(folder));
        write("proc/meminfo", "MemTotal:       24683464 kB\nMemFree:        23821912 kB\n");
        assertEquals(OptionalLong.of(24683464L << 10), SystemMemory.limit(folder));
        // Version 2: the least of the groups on the way.
        write("proc/self/cgroup", "0::/a/b\n");
        write("sys/fs/cgroup/a/b/memory.max", "max\n");
        assertEquals(OptionalLong.of(24683464L << 10), SystemMemory.limit(folder));
        write("sys/fs/cgroup/a/memory.max", "2147483648\n");
        assertEquals(OptionalLong.of(2147483648L), SystemMemory.limit(folder));
        // Inside a container the root is its own, whatever the path says.
        write("sys/fs/cgroup/memory.max", "1000000\n");
        write("proc/self/cgroup", "0::/../../elsewhere\n");
        assertEquals(OptionalLong.of(1000000), SystemMemory.limit(folder));
        assertEquals(OptionalLong.empty(), SystemMemory.free(folder));
        write("proc/self/status", "VmRSS:\t  900 kB\nRssAnon:\t     600 kB\nRssFile: 300 kB\n");
        assertEquals(OptionalLong.of(1000000 - 600 * 1024), SystemMemory.free(folder));
        write("proc/self/status", "RssAnon:\t     6000 kB\n");
        assertEquals(OptionalLong.of(0), SystemMemory.free(folder));
        // Version 1.
        write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n");
        write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
        assertEquals(OptionalLong.of(24683464L << 10), SystemMemory.limit(folder));
        write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3000000\n");
        assertEquals(OptionalLong.of(3000000), SystemMemory.limit(folder));
    }
}
