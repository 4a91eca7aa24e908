// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each defect a file can have, with the message it gets. */
class GgufDefectsTest {
    private static final int F32 = 0;
    private static final int Q8_0 = 8;

    @TempDir
    Path folder;

    private void assertRefused(String message, RawGguf raw) throws IOException {
        Path path = raw.write(folder);
        assertRefused(path, message);
    }

    private static ModelFormatException assertRefused(Path path, String message) {
        ModelFormatException exception = assertThrows(ModelFormatException.class, () -> close(GgufFile.open(path)));
        assertEquals(path + ": " + message, exception.getMessage());
        assertEquals(path, exception.path());
        return exception;
    }

    private static void close(GgufFile file) {
        file.close();
    }

    @Test
    void notAFile() throws IOException {
        ModelFormatException missing =
                assertRefused(folder.resolve("absent.gguf"), "file: expected a readable GGUF file, found no such file");
        assertTrue(missing.getCause() instanceof NoSuchFileException);
        assertRefused(folder, "file: expected a readable GGUF file, found a folder");
        Path empty = Files.createFile(folder.resolve("empty.gguf"));
        assertRefused(empty, "file: expected a readable GGUF file, found an empty file");
        if (Files.exists(Path.of("/dev/null"))) {
            assertRefused(
                    Path.of("/dev/null"),
                    "file: expected a readable GGUF file, found something that is not a regular file");
        }
    }

    @Test
    void unreadable() throws IOException {
        Path path = RawGguf.of(0, 0).write(folder);
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
        } catch (UnsupportedOperationException | FileSystemException e) {
            assumeTrue(false, "no permissions on this file system");
        }
        assumeTrue(!Files.isReadable(path), "this user may read everything");
        assertRefused(path, "file: expected a readable GGUF file, found one that may not be read");
    }

    @Test
    void magic() throws IOException {
        Path text = Files.writeString(folder.resolve("text.gguf"), "version https://git-lfs");
        assertRefused(
                text,
                "magic: expected \"GGUF\", which begins every GGUF file, found a text that begins with "
                        + "\"version https://git-lfs\" (byte offset 0)");
        Path other = Files.write(folder.resolve("other.gguf"), new byte[] {1, 'a', (byte) 0xff, 0, 0, 0});
        assertRefused(
                other,
                "magic: expected \"GGUF\", which begins every GGUF file, found 01 61 ff 00 \".a..\" (byte offset 0)");
        Path tiny = Files.writeString(folder.resolve("tiny.gguf"), "GGUF\3");
        assertRefused(
                tiny,
                "version: expected 4 bytes, found 1 bytes (the file ends at byte 5, cut short or damaged) "
                        + "(byte offset 4)");
    }

    @Test
    void versions() throws IOException {
        String expected = "version: expected GGUF version 2 or 3, little-endian, found version ";
        assertRefused(
                expected + "1, which is no longer in use; convert the model again (byte offset 4)",
                RawGguf.of(1, 0, 0));
        assertRefused(expected + "4, which is unknown (byte offset 4)", RawGguf.of(4, 0, 0));
        assertRefused(expected + "0, which is unknown (byte offset 4)", RawGguf.of(0, 0, 0));
        assertRefused(expected + "4294967295, which is unknown (byte offset 4)", RawGguf.of(-1, 0, 0));
        assertRefused(
                expected + "3 in big-endian byte order; big-endian files are not supported (byte offset 4)",
                RawGguf.of(0x0300_0000, 0, 0));
    }

    @Test
    void counts() throws IOException {
        assertRefused(
                "tensor count: expected at most 1048576, found 18446744073709551615 (byte offset 8)",
                RawGguf.of(-1, 0));
        assertRefused(
                "metadata count: expected at most 1048576, found 9223372036854775807 (byte offset 16)",
                RawGguf.of(0, Long.MAX_VALUE));
        assertRefused(
                "metadata count: expected 1000 times 14 bytes or more, found 0 bytes (the file ends at byte 24, cut short or damaged) "
                        + "(byte offset 24)",
                RawGguf.of(0, 1000));
        assertRefused(
                "tensor count: expected 2 times 25 bytes or more, found 49 bytes (the file ends at byte 73, cut short or damaged) "
                        + "(byte offset 24)",
                RawGguf.of(2, 0).octets(new int[49]));
    }

    @Test
    void keys() throws IOException {
        assertRefused(
                "metadata entry 0: expected a length of at most 16 bytes (the file ends at byte 48, cut short or damaged), "
                        + "found 18446744073709551615 (byte offset 24)",
                RawGguf.of(0, 1).int64(-1).octets(new int[16]));
        assertRefused(
                "metadata entry 0: expected a name of 1 to 65535 bytes, found an empty name (byte offset 24)",
                RawGguf.of(0, 1).text("").octets(new int[16]));
        assertRefused(
                "metadata entry 0: expected a length of at most 65535 bytes, found 65536 (byte offset 24)",
                RawGguf.of(0, 1).text("k".repeat(65_536)).octets(new int[16]));
        assertRefused(
                "metadata entry 0: expected a name in UTF-8, found bytes that are not UTF-8, read as a\uFFFD"
                        + " (byte offset 24)",
                RawGguf.of(0, 1).int64(2).octets('a', 0xff).octets(new int[16]));
        assertRefused(
                "key k: expected each key once, found it a second time (byte offset 38)",
                RawGguf.of(0, 2)
                        .key("k", GgufType.BOOL)
                        .octets(1)
                        .key("k", GgufType.BOOL)
                        .octets(1));
        assertRefused(
                "key k: expected a value type from 0 to 12, found 13 (byte offset 33)",
                RawGguf.of(0, 1).text("k").int32(13).int64(0));
    }

    @Test
    void values() throws IOException {
        assertRefused(
                "key k: expected a BOOL, 0 or 1, found 255 (byte offset 37)",
                RawGguf.of(0, 1).key("k", GgufType.BOOL).octets(0xff));
        assertRefused(
                "key k: expected a length of at most 3 bytes (the file ends at byte 48, cut short or damaged), found 4 (byte offset 37)",
                RawGguf.of(0, 1).key("k", GgufType.STRING).int64(4).octets(1, 2, 3));
        assertRefused(
                "key k: expected 1000000000000 times 4 bytes or more, found 8 bytes (the file ends at byte 57, cut short or damaged) "
                        + "(byte offset 49)",
                RawGguf.of(0, 1)
                        .key("k", GgufType.ARRAY)
                        .int32(GgufType.INT32.id())
                        .int64(1_000_000_000_000L)
                        .int64(0));
        assertRefused(
                "key k: expected a count of elements below 2^63, found 18446744073709551615 (byte offset 41)",
                RawGguf.of(0, 1)
                        .key("k", GgufType.ARRAY)
                        .int32(GgufType.BOOL.id())
                        .int64(-1));
        RawGguf nested = RawGguf.of(0, 1).key("k", GgufType.ARRAY);
        for (int i = 0; i < 100_000; i++) {
            nested.int32(GgufType.ARRAY.id()).int64(1);
        }
        assertRefused("key k: expected arrays nested at most 4 deep, found a deeper one (byte offset 89)", nested);
    }

    @Test
    void bytesThatAreNotUtf8AreReplacedInValues() throws IOException {
        Path path = RawGguf.of(0, 1)
                .key("tokens", GgufType.ARRAY)
                .int32(GgufType.STRING.id())
                .int64(2)
                .int64(2)
                .octets('a', 0xe2)
                .text("b")
                .write(folder);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals("a\uFFFD", file.metadata().strings("tokens")[0]);
            assertEquals("b", file.metadata().strings("tokens")[1]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 12, 24, 33, -8})
    void alignments(int alignment) throws IOException {
        assertRefused(
                "key general.alignment: expected a power of two, 8 or more, found " + alignment + " (byte offset 53)",
                RawGguf.of(0, 1).key("general.alignment", GgufType.INT32).int32(alignment));
    }

    @Test
    void alignmentOfAnotherKind() throws IOException {
        assertRefused(
                "key general.alignment: expected an integer, found STRING (byte offset 53)",
                RawGguf.of(0, 1).key("general.alignment", GgufType.STRING).text("32"));
        try (GgufFile file = GgufFile.open(RawGguf.of(0, 1)
                .key("general.alignment", GgufType.UINT32)
                .int32(1 << 30)
                .write(folder))) {
            assertEquals(1 << 30, file.dataByteOffset());
        }
    }

    private void assertTensorRefused(String message, long[] dims, int typeId, long offset) throws IOException {
        assertRefused(
                "tensor t: expected " + message,
                RawGguf.of(1, 0).tensor("t", dims, typeId, offset).data(128));
    }

    @Test
    void tensors() throws IOException {
        assertTensorRefused("at most 4 dimensions, found 5 (byte offset 33)", new long[] {1, 1, 1, 1, 1}, F32, 0);
        assertTensorRefused(
                "dimensions from 0 to 2147483647, found 2147483648 (byte offset 37)", new long[] {1L << 31}, F32, 0);
        assertTensorRefused(
                "dimensions from 0 to 2147483647, found 18446744073709551615 (byte offset 37)",
                new long[] {-1},
                F32,
                0);
        assertTensorRefused("a known tensor type, found type id 4 (byte offset 45)", new long[] {1}, 4, 0);
        assertTensorRefused("a known tensor type, found type id 4294967295 (byte offset 45)", new long[] {1}, -1, 0);
        assertTensorRefused(
                "rows of a multiple of 32 elements for Q8_0, found 33 elements (byte offset 33)",
                new long[] {33},
                Q8_0,
                0);
        assertTensorRefused(
                "at most 2147483647 rows, found dimensions [65536, 65536, 1] with more (byte offset 33)",
                new long[] {1, 65_536, 65_536},
                F32,
                0);
        int most = Integer.MAX_VALUE;
        // More elements than a long counts.
        assertTensorRefused(
                "at most 2147483647 rows, found dimensions [2147483647, 2147483647, 2147483647, 2147483647] with more "
                        + "(byte offset 33)",
                new long[] {most, most, most, most},
                F32,
                0);
        assertTensorRefused(
                "a size below 2^63 bytes, found F32 [2147483647, 2147483647] (byte offset 33)",
                new long[] {most, most},
                F32,
                0);
        assertTensorRefused("an offset that is a multiple of 32, found 16 (byte offset 49)", new long[] {1}, F32, 16);
        assertTensorRefused(
                "its bytes inside the file, found a file that is cut short: 192 of 224 bytes (byte offset 49)",
                new long[] {1},
                F32,
                128);
        assertTensorRefused(
                "its bytes inside the file, found a file that is cut short: 192 of 4,000,064 bytes (byte offset 49)",
                new long[] {1_000_000},
                F32,
                0);
        assertTensorRefused(
                "an offset and a size below 2^63, found 18446744073709551584 and 4 (byte offset 49)",
                new long[] {1},
                F32,
                -32);
        assertTensorRefused(
                "an offset and a size below 2^63, found 9223372036854775776 and 4 (byte offset 49)",
                new long[] {1},
                F32,
                Long.MAX_VALUE - 31);
    }

    @Test
    void severalTensors() throws IOException {
        long[] nine = {9};
        assertRefused(
                "tensor a: expected each tensor name once, found it a second time (byte offset 57)",
                RawGguf.of(2, 0)
                        .tensor("a", nine, F32, 0)
                        .tensor("a", nine, F32, 64)
                        .data(128));
        assertRefused(
                "tensor a: expected bytes of its own, from byte 132 on, found bytes shared with tensor b "
                        + "(byte offset 128)",
                RawGguf.of(2, 0)
                        .tensor("a", nine, F32, 32)
                        .tensor("b", nine, F32, 0)
                        .data(128));
    }

    @Test
    void gapsOtherOrdersAndTrailingBytesAreFine() throws IOException {
        Path path = RawGguf.of(2, 0)
                .tensor("a", new long[] {3, 2}, F32, 96)
                .tensor("b", new long[] {}, F32, 0)
                .data(500)
                .write(folder);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(Shape.of(2, 3), file.tensor("a").shape());
            assertEquals(Shape.of(), file.tensor("b").shape());
            assertEquals(1, file.tensor("b").toHeap().data().length);
        }
    }

    @Test
    void aHeaderThatNeverEnds() throws IOException {
        Path path = RawGguf.of(0, 1)
                .key("k", GgufType.ARRAY)
                .int32(GgufType.UINT8.id())
                .int64(160 << 20)
                .write(folder);
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 200 << 20);
        }
        assertRefused(
                path,
                "key k: expected 167772160 times 1 bytes or more, found 134217679 bytes "
                        + "(a header may take 134217728 bytes, the file has 209715201) (byte offset 49)");
    }
}
