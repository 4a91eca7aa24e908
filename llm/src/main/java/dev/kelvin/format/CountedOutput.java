// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * A buffered stream that knows how many bytes went through it. Closing it only flushes: the file belongs to somebody
 * else.
 */
final class CountedOutput extends OutputStream {
    private static final int BUFFER_BYTES = 1 << 20;

    private final OutputStream out;
    private long count;

    CountedOutput(OutputStream out) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
    }

    long count() {
        return count;
    }

    /** Writes zeros up to the next multiple of {@code alignment}, a power of two. */
    void pad(int alignment) throws IOException {
        while ((count & (alignment - 1)) != 0) {
            write(0);
        }
    }

    @Override
    public void write(int octet) throws IOException {
        out.write(octet);
        count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        count += length;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
