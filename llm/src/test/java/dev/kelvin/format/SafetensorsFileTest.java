// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sound files are read; each defect is told by name and place. */
class SafetensorsFileTest {
    private static final String TWO =
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"BF16\",\"shape\":[1,3],"
                    + "\"data_offsets\":[8,14]}}";

    @TempDir
    Path folder;

    private static byte[] bytes(String header, int dataBytes) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(Long.BYTES + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(text.length).put(text);
        for (int i = 0; i < dataBytes; i++) {
            file.put((byte) i);
        }
        return file.array();
    }

    private ModelFormatException refused(byte[] bytes) throws IOException {
        return refuse(Files.write(folder.resolve("t.safetensors"), bytes));
    }

    private static ModelFormatException refuse(Path path) {
        ModelFormatException e = assertThrows(ModelFormatException.class, () -> {
            try (Arena arena = Arena.ofConfined()) {
                SafetensorsFile.open(path, arena);
            }
        });
        assertEquals(path, e.path());
        return e;
    }

    private void assertRefused(String message, byte[] bytes) throws IOException {
        ModelFormatException e = refused(bytes);
        assertEquals(e.path() + ": " + message, e.getMessage());
    }

    @Test
    void aSoundFileIsRead() throws IOException {
        String header = TWO.replace(
                "{\"a\"",
                "{\"__metadata__\":{\"format\":\"pt\"},\"none\":{\"dtype\":\"F16\","
                        + "\"shape\":[0,5],\"data_offsets\":[14,14]},\"a\"");
        for (int blanks = 0; blanks < 9; blanks++) { // the data begin at any byte
            Path path = Files.write(folder.resolve("t.safetensors"), bytes(header + " ".repeat(blanks), 14));
            try (Arena arena = Arena.ofConfined()) {
                SafetensorsFile file = SafetensorsFile.open(path, arena);
                assertEquals(3, file.tensors().size());
                SafetensorsFile.Entry b = file.tensors().get("b");
                assertEquals(Shape.of(1, 3), b.shape());
                assertArrayEquals(
                        new byte[] {8, 9, 10, 11, 12, 13}, file.bytesOf(b).toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void whatIsNoSafetensorsFile() throws IOException {
        assertRefused(
                "header: expected a length of 8 bytes and a JSON object, found an empty file (byte offset 0)",
                new byte[0]);
        assertTrue(refused("<!doctype html><html>".getBytes(StandardCharsets.UTF_8))
                .found()
                .startsWith("an HTML page"));
        assertTrue(refused("version https://git-lfs.github.com/spec/v1\noid\nsize 5".getBytes(StandardCharsets.UTF_8))
                .found()
                .startsWith("a Git LFS pointer"));
        assertTrue(refused(new byte[5000]).found().startsWith("zeros"));
        Path absent = folder.resolve("absent.safetensors");
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(
                    "no such file",
                    assertThrows(ModelFormatException.class, () -> SafetensorsFile.open(absent, arena))
                            .found());
        }
    }

    @Test
    void lengths() throws IOException {
        byte[] sound = bytes(TWO, 14);
        assertRefused(
                "file: expected the bytes of all tensors, found a file that is cut short: 130 of 133 bytes",
                Arrays.copyOf(sound, sound.length - 3));
        assertRefused(
                "header: expected 111 bytes, found a file that is cut short: 100 of at least 119 bytes (byte offset 8)",
                Arrays.copyOf(sound, 100));
        assertRefused(
                "file: expected its end after the last tensor, found 1 bytes more (byte offset 133)",
                Arrays.copyOf(sound, sound.length + 1));
        byte[] huge = sound.clone();
        huge[7] = (byte) 0xff;
        assertRefused("header length: expected 2 to 8000000 bytes, found 18374686479671623791 (byte offset 0)", huge);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"t\":1}                                                            | an object with dtype",
                "{\"t\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}     | a dtype among",
                "{\"t\":{\"shape\":[1],\"data_offsets\":[0,4]}}                       | a dtype among",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}    | dimensions from 0",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}   | dimensions from 0",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,4]}} | at most 8",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,2147483647],\"data_offsets\":[0,4]}} "
                        + "| fewer than 2^63 elements",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647],\"data_offsets\":[0,4]}} | fewer than 2^63",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}     | 8 bytes for F32 [2]",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}     | data_offsets",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}       | data_offsets",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}    | data_offsets",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[9223372036854775803,9223372036854775807]}} "
                        + "| data_offsets",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}     | its bytes from byte",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"u\":{\"dtype\":\"F32\",\"shape\":[1],"
                        + "\"data_offsets\":[2,6]}}                                   | its bytes from byte",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"t\":{\"dtype\":\"F32\",\"shape\":[1],"
                        + "\"data_offsets\":[4,8]}}                                   | each tensor name once",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"dtype\":\"F32\",\"data_offsets\":[0,4]}} | a JSON object",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}x    | a JSON object",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},}    | a JSON object",
                "{\"t\":                                                             | a JSON object"
            })
    void defects(String header, String expected) throws IOException {
        ModelFormatException e = refused(bytes(header, 4));
        assertTrue(e.expected().contains(expected), e.getMessage());
    }

    @Test
    void longHeadersAreRefusedSoon() throws IOException {
        for (String hostile : new String[] {
            "{\"t\":" + "[".repeat(3_000_000),
            "{\"t\":" + "{\"a\":".repeat(1_000_000),
            "{\"__metadata__\":[" + "[],".repeat(2_000_000) + "[]]}",
            "{" + "\"\":{},".repeat(1_000_000),
            "{\"t\":{\"dtype\":\"" + "x".repeat(7_000_000) + "\"}}",
            "{\"t\":{\"dtype\":\"" + "\u20ac".repeat(2_500_000) + "\"}}",
            "{" + " ".repeat(7_000_000) + "]",
            "{\"t\":" + "1".repeat(7_000_000) + "}",
            tensors(110_000) + "}",
            tensors(110_000) + ","
        }) {
            Path path = Files.write(folder.resolve("long.safetensors"), bytes(hostile, 0));
            String what = hostile.substring(0, 30);
            RefusalCost.Cost cost = hostile.startsWith("{\"layers")
                    ? RefusalCost.requireSoon(what, () -> refuse(path))
                    : RefusalCost.require(what, () -> refuse(path));
            System.out.println(what + "...: " + cost);
        }
    }

    /** A header of so many tensors that lie at the same place, without its end. */
    private static String tensors(int count) {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            header.append(i == 0 ? "" : ",").append("\"layers.").append(i);
            header.append("\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}");
        }
        return header.toString();
    }

    /** Flipped and cut bytes end in a refusal or a sound parse. */
    @Test
    void damagedFiles() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        byte[] sound = bytes(TWO, 14);
        Path path = folder.resolve("damaged.safetensors");
        for (int round = 0; round < 2000; round++) {
            byte[] damaged = random.nextBoolean() ? sound.clone() : Arrays.copyOf(sound, random.nextInt(sound.length));
            for (int i = 0; i < 1 + round % 3 && damaged.length > 0; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Files.write(path, damaged);
            try (Arena arena = Arena.ofConfined()) {
                SafetensorsFile file = SafetensorsFile.open(path, arena);
                file.tensors().values().forEach(file::bytesOf);
            } catch (ModelFormatException refused) {
                assertTrue(refused.getMessage().startsWith(path.toString()));
            }
        }
    }
}
