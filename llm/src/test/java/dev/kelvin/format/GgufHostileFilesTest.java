// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Broken files end in a {@link ModelFormatException} or in a sound parse: never in anything else, nor slowly, nor in
 * much memory.
 */
class GgufHostileFilesTest {
    /**
     * What the reader needs for the sound file is a tenth of it; what the lengths in hostile files claim is far more.
     */
    private static final long MOST_ALLOCATED_BYTES = 512 << 10;

    private static final int[] FLIPS = {0x01, 0x02, 0x08, 0x40, 0x80, 0xff};

    @TempDir
    static Path folder;

    private static byte[] sound;
    private static int headerBytes;

    private int refused;
    private int read;

    @BeforeAll
    static void writeSoundFile() throws IOException {
        Path path = folder.resolve("sound.gguf");
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", "llama")
                .metadata("general.alignment", 32)
                .metadata("llama.block_count", 2)
                .metadata("llama.rope.freq_base", 10_000f)
                .metadata("double", 0.5)
                .metadata("long", -1L)
                .metadata("flag", true)
                .array("bytes", GgufType.UINT8, new int[] {1, 2})
                .metadata("tokens", new String[] {"<s>", "\u2581a", ""})
                .metadata("scores", new float[] {0, -1, -2})
                .metadata("flags", new boolean[] {true, false})
                .metadata("nested", new Object[] {new int[] {1}, new Object[] {new String[] {"x"}}})
                .tensor("token_embd.weight", HeapTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3))
                .tensor("norm", HeapTensor.of(new float[] {1}, 1))
                .tensor("quantized", DType.Q8_0, Shape.of(2, 32), out -> out.write(new byte[68]));
        writer.write(path);
        sound = Files.readAllBytes(path);
        try (GgufFile file = GgufFile.open(path)) {
            headerBytes = (int) file.dataByteOffset();
        }
    }

    /** Opens the bytes as a file, and uses everything in it if it is sound. */
    private void open(byte[] bytes, String what) throws IOException {
        Path path = Files.write(folder.resolve("hostile.gguf"), bytes);
        long allocatedBefore = AllocatedBytes.now();
        long allocated;
        try (GgufFile file = GgufFile.open(path)) {
            allocated = AllocatedBytes.now() - allocatedBefore;
            use(file);
            read++;
        } catch (ModelFormatException e) {
            allocated = AllocatedBytes.now() - allocatedBefore;
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            assertTrue(e.byteOffset() <= bytes.length, () -> what + ": " + e.getMessage());
            refused++;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + ": " + e, e);
        }
        long bound = MOST_ALLOCATED_BYTES;
        assertTrue(allocated < bound, () -> what + ": more than " + bound + " bytes allocated");
        requireSoon(path, what);
    }

    private static void requireSoon(Path path, String what) throws IOException {
        RefusalCost.require(what, () -> {
            try (GgufFile file = GgufFile.open(path)) {
                assertTrue(file.dataByteOffset() > 0);
            } catch (ModelFormatException refusal) {
                assertTrue(refusal.getMessage().startsWith(path.toString()), refusal.getMessage());
            }
        });
    }

    private static void use(GgufFile file) throws IOException {
        for (String key : file.metadata().asMap().keySet()) {
            file.metadata().typeName(key);
        }
        for (TensorInfo info : file.tensors()) {
            if (file.tensor(info.name()).dtype() == DType.F32) {
                file.tensor(info.name()).toHeap();
            }
            assertEquals(info.byteSize(), file.tensor(info.name()).segment().toArray(ValueLayout.JAVA_BYTE).length);
        }
    }

    @Test
    void cutAtEveryByte() throws IOException {
        // The writer pads the last tensor; only that padding may be missing.
        int needed = sound.length - (-68 & 31);
        for (int length = 0; length < sound.length; length++) {
            byte[] cut = Arrays.copyOf(sound, length);
            if (length < needed) {
                Path path = Files.write(folder.resolve("cut.gguf"), cut);
                String what = "cut to " + length + " bytes";
                assertThrows(
                        ModelFormatException.class, () -> GgufFile.open(path).close(), what);
            }
            open(cut, "cut to " + length + " bytes");
        }
        assertEquals(needed, refused);
        assertEquals(sound.length - needed, read);
    }

    @Test
    void everyByteOfTheHeaderFlipped() throws IOException {
        for (int index = 0; index < headerBytes; index++) {
            for (int flip : FLIPS) {
                byte[] bytes = sound.clone();
                bytes[index] ^= (byte) flip;
                open(bytes, "byte " + index + " xor " + flip);
            }
            for (int value : new int[] {0, 0x7f, 0xff}) {
                byte[] bytes = sound.clone();
                bytes[index] = (byte) value;
                open(bytes, "byte " + index + " set to " + value);
            }
        }
        assertTrue(refused > headerBytes && read > headerBytes, refused + " refused, " + read + " read");
    }

    @Test
    void everyLengthReplacedByExtremes() throws IOException {
        long[] extremes = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 31, (1L << 32) + 1, Integer.MAX_VALUE, 1L << 61};
        for (int index = 4; index + 8 <= headerBytes; index++) {
            for (long extreme : extremes) {
                byte[] bytes = sound.clone();
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(index, extreme);
                open(bytes, "bytes from " + index + " set to " + extreme);
            }
        }
        assertTrue(refused > headerBytes, refused + " refused, " + read + " read");
    }

    @Test
    void randomBytes() throws IOException {
        long seed = 20_250_607;
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < 3000; run++) {
            byte[] bytes = new byte[random.nextInt(1, 2000)];
            random.nextBytes(bytes);
            String what = "seed " + seed + ", run " + run;
            if (run % 3 > 0) {
                // Past magic and version, into counts that are small.
                System.arraycopy(sound, 0, bytes, 0, Math.min(bytes.length, 24));
            }
            if (run % 3 == 2) {
                // Deep into the metadata.
                System.arraycopy(sound, 0, bytes, 0, Math.min(bytes.length, random.nextInt(24, headerBytes)));
            }
            open(bytes, what);
        }
        assertTrue(refused > 2900, refused + " refused, " + read + " read");
    }

    @Test
    void manyBytesChangedAtOnce() throws IOException {
        long seed = 4711;
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < 3000; run++) {
            byte[] bytes = sound.clone();
            for (int change = random.nextInt(1, 6); change > 0; change--) {
                bytes[random.nextInt(8, headerBytes)] = (byte) random.nextInt(random.nextBoolean() ? 256 : 16);
            }
            open(bytes, "seed " + seed + ", run " + run);
        }
        assertTrue(refused > 0 && read > 0, refused + " refused, " + read + " read");
    }
}
