// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads the header of a GGUF file front to back, little-endian, and never past its limit.
 *
 * <p>It reads through a small window instead of the memory map: an array of bytes is fast before anything is compiled
 * (vocabularies have 100,000 strings and are read right after start), and a file that shrinks meanwhile is an
 * exception, not a fault in mapped memory. Whoever allocates asks {@link #require} first.
 */
final class GgufCursor {
    /** Headers end here at the latest, in bytes. The largest vocabularies of today take 20 MB. */
    static final long LONGEST_HEADER = 128L << 20;

    /** What a header may take of the heap beside its vocabulary, as {@link #charge} reckons: some 70,000 tensors. */
    static final long MOST_HEAP_BYTES = 24L << 20;

    /** What a text takes beside its characters. */
    private static final int TEXT_HEAP_BYTES = 48;

    private static final int WINDOW_BYTES = 1 << 16;

    private final Path path;
    private final Source source;
    private final long fileSize;
    private final long limit;
    private final byte[] window;
    private long windowOffset;
    private int next;
    private int end;
    private long heapBytesLeft = MOST_HEAP_BYTES;
    private boolean vocabulary;

    /** Where the bytes are; a file channel's positional read is of this form. */
    @FunctionalInterface
    interface Source {
        /** Reads some bytes from a position on; returns their number, or -1 where there are none. */
        int read(ByteBuffer target, long position) throws IOException;
    }

    GgufCursor(Path path, Source source, long fileSize) {
        this.path = path;
        this.source = source;
        this.fileSize = fileSize;
        this.limit = Math.min(fileSize, LONGEST_HEADER);
        this.window = new byte[(int) Math.min(WINDOW_BYTES, limit)];
    }

    Path path() {
        return path;
    }

    long fileSize() {
        return fileSize;
    }

    /** Bytes from the beginning of the file to what is read next. */
    long position() {
        return windowOffset + next;
    }

    long remaining() {
        return limit - position();
    }

    /** The first bytes of the file, at most {@code length}. */
    byte[] head(int length) throws IOException {
        byte[] head = new byte[(int) Math.min(length, fileSize)];
        fill(ByteBuffer.wrap(head), 0);
        return head;
    }

    /** A defect at {@code byteOffset}. */
    ModelFormatException bad(String item, long byteOffset, String expected, String found) {
        return new ModelFormatException(path, item, byteOffset, expected, found);
    }

    /**
     * Throws unless {@code count} elements of at least {@code bytesEach} bytes (both non-negative) can still follow.
     */
    void require(long count, int bytesEach, String item) throws ModelFormatException {
        if (count > remaining() / bytesEach) {
            throw outOfBytes(
                    item, count == 1 ? bytesEach + " bytes" : count + " times " + bytesEach + " bytes or more");
        }
    }

    /** Whether what is read from here on is of the vocabulary, which may be as long as a header. */
    void vocabulary(boolean vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** Counts what is about to be taken of the heap; throws if it is more than a header may take. */
    void charge(long bytes, String item) throws ModelFormatException {
        if (vocabulary) {
            return;
        }
        heapBytesLeft -= bytes;
        if (heapBytesLeft < 0) {
            throw bad(
                    item,
                    position(),
                    "a header that takes at most " + MOST_HEAP_BYTES + " bytes of memory beside the vocabulary",
                    "one that takes more");
        }
    }

    byte readByte(String item) throws IOException {
        ensure(Byte.BYTES, item);
        return window[next++];
    }

    short readShort(String item) throws IOException {
        ensure(Short.BYTES, item);
        short value = (short) ((window[next] & 0xff) | window[next + 1] << 8);
        next += Short.BYTES;
        return value;
    }

    int readInt(String item) throws IOException {
        ensure(Integer.BYTES, item);
        int value = intAt(next);
        next += Integer.BYTES;
        return value;
    }

    long readLong(String item) throws IOException {
        ensure(Long.BYTES, item);
        long value = (intAt(next) & 0xffff_ffffL) | (long) intAt(next + Integer.BYTES) << 32;
        next += Long.BYTES;
        return value;
    }

    /** Reads a text whose bytes need not be UTF-8: what cannot be decoded becomes U+FFFD. */
    String readText(String item) throws IOException {
        int length = readLength(item, Integer.MAX_VALUE);
        charge(TEXT_HEAP_BYTES + (long) Character.BYTES * length, item);
        if (length > end - next) {
            if (length > window.length) {
                byte[] bytes = readBytes(length);
                return new String(bytes, StandardCharsets.UTF_8);
            }
            refill(length);
        }
        String text = new String(window, next, length, StandardCharsets.UTF_8);
        next += length;
        return text;
    }

    /**
     * Reads a key or a name: 1 to {@code longest} bytes of valid UTF-8, because two names must not become one by
     * decoding.
     */
    String readName(String item, int longest) throws IOException {
        long start = position();
        int length = readLength(item, longest);
        if (length == 0) {
            throw bad(item, start, "a name of 1 to " + longest + " bytes", "an empty name");
        }
        byte[] bytes = readBytes(length);
        String name = new String(bytes, StandardCharsets.UTF_8);
        if (!Arrays.equals(bytes, name.getBytes(StandardCharsets.UTF_8))) {
            throw bad(item, start, "a name in UTF-8", "bytes that are not UTF-8, read as " + name);
        }
        return name;
    }

    private int readLength(String item, int longest) throws IOException {
        long start = position();
        long length = readLong(item);
        if (length < 0 || length > longest || length > remaining()) {
            long most = Math.min(longest, remaining());
            throw bad(
                    item,
                    start,
                    "a length of at most " + most + " bytes" + reason(most),
                    Long.toUnsignedString(length));
        }
        return (int) length;
    }

    private String reason(long most) {
        return most == remaining() ? " (" + whatEnds() + ")" : "";
    }

    private String whatEnds() {
        return limit == fileSize
                ? "the file ends at byte " + fileSize + ", cut short or damaged"
                : "a header may take " + LONGEST_HEADER + " bytes, the file has " + fileSize;
    }

    private ModelFormatException outOfBytes(String item, String needed) {
        return bad(item, position(), needed, remaining() + " bytes (" + whatEnds() + ")");
    }

    /** Reads {@code length} bytes that are known to remain. */
    private byte[] readBytes(int length) throws IOException {
        byte[] bytes = new byte[length];
        int buffered = Math.min(length, end - next);
        System.arraycopy(window, next, bytes, 0, buffered);
        next += buffered;
        if (buffered < length) {
            long position = position();
            fill(ByteBuffer.wrap(bytes, buffered, length - buffered), position);
            windowOffset = position + length - buffered;
            next = 0;
            end = 0;
        }
        return bytes;
    }

    private void ensure(int bytes, String item) throws IOException {
        if (bytes > end - next) {
            if (bytes > remaining()) {
                throw outOfBytes(item, bytes + (bytes == 1 ? " byte" : " bytes"));
            }
            refill(bytes);
        }
    }

    /** Moves the window to the position; {@code bytes} of them are known to remain and fit. */
    private void refill(int bytes) throws IOException {
        long position = position();
        int length = (int) Math.min(window.length, limit - position);
        assert bytes <= length;
        fill(ByteBuffer.wrap(window, 0, length), position);
        windowOffset = position;
        next = 0;
        end = length;
    }

    private void fill(ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int count = source.read(target, at);
            if (count < 0) {
                throw bad(
                        "file",
                        at,
                        "the " + fileSize + " bytes it had when it was opened",
                        "its end (it was cut meanwhile)");
            }
            at += count;
        }
    }

    private int intAt(int index) {
        return (window[index] & 0xff)
                | (window[index + 1] & 0xff) << 8
                | (window[index + 2] & 0xff) << 16
                | window[index + 3] << 24;
    }
}
