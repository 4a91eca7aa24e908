// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Headers whose counts are true and mean nothing: the file is large enough for all of them, so that only what they
 * would take of the heap speaks against them. They are refused before it is taken.
 */
class GgufHeaderMemoryTest {
    private static final long FILE_BYTES = 4L << 30;

    enum Hostile {
        KEYS,
        TENSORS,
        OCTETS,
        DOUBLES,
        TEXTS,
        LONG_TEXT,
        ARRAYS,
        NUMBERS_BEYOND_LONG,
        MORE_PIECES_THAN_ANY_VOCABULARY
    }

    /** An array in a key; zeros follow, as many as are read. */
    private static byte[] array(String key, GgufType type, long count) {
        return RawGguf.of(0, 1)
                .key(key, GgufType.ARRAY)
                .int32(type.id())
                .int64(count)
                .bytes();
    }

    private static byte[] head(Hostile hostile) {
        return switch (hostile) {
            case KEYS -> {
                RawGguf raw = RawGguf.of(0, 1 << 20);
                for (int i = 0; i < 1 << 18; i++) {
                    raw.key("key" + i, GgufType.UINT8).octets(1);
                }
                yield raw.bytes();
            }
            case TENSORS -> {
                RawGguf raw = RawGguf.of(1 << 20, 0);
                for (int i = 0; i < 1 << 18; i++) {
                    raw.tensor("tensor" + i, new long[] {1}, 0, 0);
                }
                yield raw.bytes();
            }
            case OCTETS -> array("a", GgufType.UINT8, 100_000_000);
            case DOUBLES -> array("a", GgufType.FLOAT64, 16_000_000);
            case TEXTS -> array("a", GgufType.STRING, 4_000_000);
            case LONG_TEXT ->
                RawGguf.of(0, 1).key("a", GgufType.STRING).int64(120_000_000).bytes();
            case ARRAYS -> array("a", GgufType.ARRAY, 10_000_000);
            case NUMBERS_BEYOND_LONG -> {
                RawGguf raw = RawGguf.of(0, 1)
                        .key("a", GgufType.ARRAY)
                        .int32(GgufType.UINT64.id())
                        .int64(2_000_000);
                yield raw.int64(-1).bytes();
            }
            case MORE_PIECES_THAN_ANY_VOCABULARY -> array("tokenizer.ggml.tokens", GgufType.STRING, 16_000_000);
        };
    }

    /** A file that begins so, and is zeros to its end. */
    private static void read(byte[] head) throws IOException {
        GgufCursor.Source source = (target, position) -> {
            int count = target.remaining();
            int given = (int) Math.max(0, Math.min(count, head.length - position));
            if (given > 0) {
                target.put(head, (int) position, given);
            }
            while (target.hasRemaining()) {
                target.put((byte) 0);
            }
            return count;
        };
        GgufHeader.read(new GgufCursor(Path.of("hostile.gguf"), source, FILE_BYTES));
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedBeforeTheHeapIsTaken(Hostile hostile) throws IOException {
        byte[] head = head(hostile);
        String expected = hostile == Hostile.MORE_PIECES_THAN_ANY_VOCABULARY
                ? "at most 4194304 texts"
                : "a header that takes at most 25165824 bytes of memory beside the vocabulary";
        RefusalCost.Cost cost = RefusalCost.require(hostile.name(), () -> {
            ModelFormatException refusal = assertThrows(ModelFormatException.class, () -> read(head));
            assertEquals(expected, refusal.expected());
        });
        System.out.println(hostile + ": " + cost);
    }

    /** As large as the largest of today: a million texts, each of them empty. */
    @Test
    void aVocabularyIsNotCounted() throws IOException {
        read(array("tokenizer.ggml.merges", GgufType.STRING, 1_000_000));
    }
}
