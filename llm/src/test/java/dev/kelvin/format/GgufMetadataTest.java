// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class GgufMetadataTest {
    @TempDir
    Path folder;

    private GgufMetadata metadata() throws IOException {
        Path path = folder.resolve("m.gguf");
        new GgufWriter()
                .metadata("blocks", 5)
                .metadata("byte", GgufType.UINT8, 200)
                .metadata("signed", GgufType.INT8, -3)
                .metadata("wide", 1L << 40)
                .metadata("wider", BigInteger.ONE.shiftLeft(63))
                .metadata("epsilon", 1e-5f)
                .metadata("base", 10_000.0)
                .metadata("add_bos", true)
                .metadata("name", "stories")
                .metadata("tokens", new String[] {"a", "b"})
                .metadata("scores", new float[] {0, -1})
                .metadata("types", new int[] {1, 3})
                .array("long types", GgufType.UINT32, new long[] {1, 0xffff_ffffL})
                .write(path);
        try (GgufFile file = GgufFile.open(path)) {
            return file.metadata();
        }
    }

    @Test
    void accessorsReadEveryWidth() throws IOException {
        GgufMetadata metadata = metadata();
        assertEquals(5, metadata.integer("blocks"));
        assertEquals(5, metadata.integer("blocks", 9));
        assertEquals(200, metadata.integer("byte"));
        assertEquals(-3, metadata.integer("signed"));
        assertEquals(1L << 40, metadata.longInteger("wide"));
        assertEquals(5L, metadata.longInteger("blocks", 9L));
        assertEquals(1e-5f, metadata.real("epsilon"));
        assertEquals(10_000f, metadata.real("base", 1f));
        assertTrue(metadata.flag("add_bos"));
        assertTrue(metadata.flag("add_bos", false));
        assertEquals("stories", metadata.string("name"));
        assertEquals("stories", metadata.string("name", "x"));
        assertTrue(metadata.contains("tokens"));
        assertArrayEquals(new String[] {"a", "b"}, metadata.strings("tokens"));
        assertArrayEquals(new float[] {0, -1}, metadata.reals("scores"));
        assertArrayEquals(new int[] {1, 3}, metadata.integers("types"));
    }

    @Test
    void defaultsStandInForMissingKeysOnly() throws IOException {
        GgufMetadata metadata = metadata();
        assertFalse(metadata.contains("absent"));
        assertEquals(9, metadata.integer("absent", 9));
        assertEquals(1L << 50, metadata.longInteger("absent", 1L << 50));
        assertEquals(0.5f, metadata.real("absent", 0.5f));
        assertTrue(metadata.flag("absent", true));
        assertEquals("x", metadata.string("absent", "x"));
        assertBad("key name: expected an integer, found STRING (byte offset ", () -> metadata.integer("name", 9));
        assertBad("key name: expected a BOOL, found STRING (byte offset ", () -> metadata.flag("name", true));
        assertBad("key blocks: expected a STRING, found UINT32 (byte offset ", () -> metadata.string("blocks", ""));
        assertBad("key blocks: expected a floating-point number, found UINT32", () -> metadata.real("blocks", 1));
        assertBad("key add_bos: expected an integer, found BOOL", () -> metadata.longInteger("add_bos", 1));
    }

    @Test
    void missingAndMisfitValuesAreNamed() throws IOException {
        GgufMetadata metadata = metadata();
        assertBad("key absent: expected an integer, found no such key", () -> metadata.integer("absent"));
        assertBad("key absent: expected a STRING, found no such key", () -> metadata.string("absent"));
        assertBad("key absent: expected a BOOL, found no such key", () -> metadata.flag("absent"));
        assertBad("key absent: expected an array of STRING, found no such key", () -> metadata.strings("absent"));
        assertBad("key absent: expected a value, found no such key", () -> metadata.typeName("absent"));
        assertBad(
                "key wide: expected an integer that fits 32 bits signed, found UINT64 1099511627776",
                () -> metadata.integer("wide"));
        assertBad(
                "key wider: expected an integer that fits 64 bits signed, found UINT64 9223372036854775808",
                () -> metadata.longInteger("wider"));
        assertBad(
                "key long types: expected integers that fit 32 bits signed, found 4294967295 at index 1",
                () -> metadata.integers("long types"));
        assertBad("key scores: expected an array of integers", () -> metadata.integers("scores"));
        assertBad("key types: expected an array of STRING, found ARRAY[INT32]", () -> metadata.strings("types"));
        assertBad("key types: expected an array of floating-point numbers", () -> metadata.reals("types"));
        assertThrows(UnsupportedOperationException.class, () -> metadata.asMap().clear());
    }

    private void assertBad(String part, Executable call) {
        ModelFormatException exception = assertThrows(ModelFormatException.class, call);
        String start = folder.resolve("m.gguf") + ": " + part;
        assertTrue(exception.getMessage().startsWith(start), exception.getMessage() + " must start with " + start);
    }

    @Test
    void arraysOfAccessorsAreCopies() throws IOException {
        GgufMetadata metadata = metadata();
        metadata.strings("tokens")[0] = "changed";
        metadata.integers("types")[0] = 99;
        metadata.reals("scores")[0] = 99;
        assertEquals("a", metadata.strings("tokens")[0]);
        assertEquals(1, metadata.integers("types")[0]);
        assertEquals(0, metadata.reals("scores")[0]);
    }

    @Test
    void messagesStayOnOneLine() {
        ModelFormatException exception =
                new ModelFormatException(Path.of("m.gguf"), "tensor a\nb\u001b[31m", 7, "x".repeat(5000), "y\u2028z");
        assertEquals(
                "m.gguf: tensor a\\u000ab\\u001b[31m: expected " + "x".repeat(4096)
                        + "..., found y\\u2028z (byte offset 7)",
                exception.getMessage());
        assertEquals("tensor a\nb\u001b[31m", exception.item());
        assertEquals(Path.of("m.gguf"), exception.path());
        assertEquals(7, exception.byteOffset());
        assertEquals("x".repeat(5000), exception.expected());
        assertEquals("y\u2028z", exception.found());
    }
}
