// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts GGUF files together byte by byte, sound or not: unlike {@link GgufWriter} it checks nothing. */
final class RawGguf {
    private final GgufEncoder bytes = new GgufEncoder();

    static RawGguf of(int version, long tensors, long keys) {
        RawGguf raw = new RawGguf();
        raw.bytes.putBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        raw.bytes.putInt(version);
        raw.bytes.putLong(tensors);
        raw.bytes.putLong(keys);
        return raw;
    }

    /** Version 3. */
    static RawGguf of(long tensors, long keys) {
        return of(3, tensors, keys);
    }

    RawGguf octets(int... octets) {
        byte[] array = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            array[i] = (byte) octets[i];
        }
        bytes.putBytes(array);
        return this;
    }

    RawGguf int32(int value) {
        bytes.putInt(value);
        return this;
    }

    RawGguf int64(long value) {
        bytes.putLong(value);
        return this;
    }

    RawGguf text(String text) {
        bytes.putText(text);
        return this;
    }

    /** A key and the id of its value's type; the value must follow. */
    RawGguf key(String key, GgufType type) {
        return text(key).int32(type.id());
    }

    RawGguf tensor(String name, long[] dimsInnermostFirst, int typeId, long offset) {
        text(name).int32(dimsInnermostFirst.length);
        for (long dim : dimsInnermostFirst) {
            int64(dim);
        }
        return int32(typeId).int64(offset);
    }

    /** Zeros up to the next multiple of 32, then {@code length} more. */
    RawGguf data(int length) {
        int size = bytes.toByteArray().length;
        bytes.putBytes(new byte[(-size & 31) + length]);
        return this;
    }

    int size() {
        return bytes.toByteArray().length;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    Path write(Path folder) throws IOException {
        return Files.write(folder.resolve("raw.gguf"), bytes.toByteArray());
    }
}
