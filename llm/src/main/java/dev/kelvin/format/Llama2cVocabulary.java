// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The vocabulary of a {@code tokenizer.bin}, as GGUF's keys: the length of the longest token, then for each its score
 * (f32), its length in bytes and its bytes. A blank stands for itself there, for the mark U+2581 in GGUF; the tokens 0,
 * 1 and 2 are those for the unknown, the beginning and the end, and {@code <0x0A>} is a byte.
 *
 * <p>Source: {@code tokenizer.py} of karpathy/llama2.c.
 */
final class Llama2cVocabulary {
    private static final long LONGEST = 64 << 20;
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int BYTE = 6;
    private static final String PREFIX = "tokenizer.ggml.";
    private static final String[] SPECIAL = {"<unk>", "<s>", "</s>"};

    private Llama2cVocabulary() {}

    /** Reads a file of so many tokens. */
    static Map<String, Object> keys(Path path, int size) throws IOException {
        if (Files.size(path) > LONGEST) {
            throw bad(path, -1, "at most " + LONGEST + " bytes", Files.size(path) + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        require(path, bytes, Integer.BYTES);
        bytes.getInt();
        if (bytes.remaining() / (2L * Integer.BYTES) < size) {
            throw bad(path, -1, size + " tokens, as the model has", "too few bytes for them");
        }
        String[] tokens = new String[size];
        float[] scores = new float[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            require(path, bytes, 2 * Integer.BYTES);
            scores[id] = bytes.getFloat();
            String token = text(path, bytes);
            if (id < SPECIAL.length) {
                tokens[id] = SPECIAL[id];
                types[id] = id == 0 ? UNKNOWN : CONTROL;
            } else {
                tokens[id] = token.replace(' ', '\u2581');
                types[id] = token.matches("<0x[0-9A-F]{2}>") ? BYTE : NORMAL;
            }
        }
        if (bytes.hasRemaining()) {
            throw bad(path, bytes.position(), "its end after " + size + " tokens", bytes.remaining() + " bytes more");
        }
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put(PREFIX + "model", "llama");
        keys.put(PREFIX + "tokens", tokens);
        keys.put(PREFIX + "scores", scores);
        keys.put(PREFIX + "token_type", types);
        keys.put(PREFIX + "bos_token_id", 1);
        keys.put(PREFIX + "eos_token_id", 2);
        keys.put(PREFIX + "unknown_token_id", 0);
        keys.put(PREFIX + "add_bos_token", true);
        keys.put(PREFIX + "add_eos_token", false);
        return keys;
    }

    private static String text(Path path, ByteBuffer bytes) throws ModelFormatException {
        int at = bytes.position();
        int length = bytes.getInt();
        if (length < 0) {
            throw bad(path, at, "the length of a token", Integer.toString(length));
        }
        require(path, bytes, length);
        ByteBuffer token = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(token).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(path, "file", at, "a token in UTF-8", "other bytes");
        }
    }

    private static void require(Path path, ByteBuffer bytes, int count) throws ModelFormatException {
        if (bytes.remaining() < count) {
            throw bad(path, bytes.position(), count + " bytes more", bytes.remaining() + " bytes");
        }
    }

    private static ModelFormatException bad(Path path, long at, String expected, String found) {
        return new ModelFormatException(path, "file", at, expected, found);
    }
}
