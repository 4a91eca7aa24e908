// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.nn.PageGroup.Page;
import dev.kelvin.tensor.F16KvPage;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.Q8_0KvPage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A sequence as bytes: what its pool keeps, by which a reader knows whether it can have it; its length; its pages and
 * states, little-endian.
 */
final class SequenceStream {
    private static final int MAGIC = 0x4b565351; // KVSQ
    private static final int VERSION = 1;

    /** All ones in an infinity and in what is no number. */
    private static final int F16_EXPONENT = 0x7c00;

    /** Bytes that go through memory together. */
    private static final int PIECE = 1 << 16;

    private final ByteBuffer buffer = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);

    /** What both sides must agree on. */
    private static byte[] shape(KvPool pool) {
        return (pool.type() + " " + pool.slots()).getBytes(StandardCharsets.UTF_8);
    }

    /** The page after the last that holds a position of a sequence. */
    private static int lastPage(int length) {
        return Math.ceilDiv(length, KvPage.POSITIONS);
    }

    /** Pages that have gone through, by group, where several sequences share a stream; null for one alone. */
    private final List<Map<Page, Integer>> written;

    private final List<List<Page>> read;

    private SequenceStream(List<Map<Page, Integer>> written, List<List<Page>> read) {
        this.written = written;
        this.read = read;
    }

    /** A stream for one sequence. */
    static SequenceStream ofOne() {
        return new SequenceStream(null, null);
    }

    /** A stream for several sequences of a pool, in which a page that they share is there once. */
    static SequenceStream ofMany(KvPool pool) {
        List<Map<Page, Integer>> written = new ArrayList<>();
        List<List<Page>> read = new ArrayList<>();
        for (int g = 0; g < pool.groups(); g++) {
            written.add(new IdentityHashMap<>());
            read.add(new ArrayList<>());
        }
        return new SequenceStream(written, read);
    }

    void write(Sequence sequence, OutputStream to) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        byte[] shape = shape(sequence.pool());
        out.writeInt(MAGIC);
        out.writeInt(VERSION);
        out.writeInt(shape.length);
        out.write(shape);
        out.writeInt(sequence.length());
        for (int g = 0; g < sequence.pool().groups(); g++) {
            PageTable table = sequence.table(g);
            out.writeInt(table.begin());
            for (int i = table.begin(); i < lastPage(sequence.length()); i++) {
                if (written == null || isNew(g, table.page(i), out)) {
                    write(table.storages()[i], out);
                }
            }
        }
        for (int s = 0; sequence.hasStates() && s < sequence.pool().stateFloats().length; s++) {
            write(sequence.state(s), out);
        }
        out.flush();
    }

    /** Writes the number of a page, by which those that are there already are known. */
    private boolean isNew(int group, Page page, DataOutputStream out) throws IOException {
        Map<Page, Integer> numbers = written.get(group);
        Integer number = numbers.putIfAbsent(page, numbers.size());
        out.writeInt(number == null ? numbers.size() - 1 : number);
        return number == null;
    }

    private void write(KvPage page, DataOutputStream out) throws IOException {
        switch (page) {
            case F32KvPage floats -> write(floats.elements(), out);
            case F16KvPage halves -> write(halves.halves(), out);
            case Q8_0KvPage codes -> {
                out.write(codes.codes());
                write(codes.scales(), out);
            }
        }
    }

    private void write(float[] numbers, DataOutputStream out) throws IOException {
        int most = PIECE / Float.BYTES;
        for (int i = 0; i < numbers.length; i += most) {
            int count = Math.min(most, numbers.length - i);
            buffer.asFloatBuffer().put(numbers, i, count);
            out.write(buffer.array(), 0, count * Float.BYTES);
        }
    }

    private void write(short[] numbers, DataOutputStream out) throws IOException {
        int most = PIECE / Short.BYTES;
        for (int i = 0; i < numbers.length; i += most) {
            int count = Math.min(most, numbers.length - i);
            buffer.asShortBuffer().put(numbers, i, count);
            out.write(buffer.array(), 0, count * Short.BYTES);
        }
    }

    /**
     * Reads into an empty sequence; one that could not be read whole is to be closed.
     *
     * @param expected its length; negative if any will do
     */
    void read(Sequence sequence, InputStream from, int expected) throws IOException {
        DataInputStream in = new DataInputStream(from);
        KvPool pool = sequence.pool();
        byte[] shape = shape(pool);
        if (in.readInt() != MAGIC || in.readInt() != VERSION) {
            throw new IOException("saved sequence: it does not begin as one of this version does");
        }
        if (in.readInt() != shape.length || !Arrays.equals(in.readNBytes(shape.length), shape)) {
            throw new IOException(
                    "saved sequence: it is of another model, or keeps its keys and values in another type");
        }
        int length = in.readInt();
        if (length < 0 || length > Integer.MAX_VALUE - KvPage.POSITIONS) {
            throw new IOException("saved sequence: it has a length of " + length);
        }
        if (expected >= 0 && length != expected) {
            throw new IOException("saved sequence: it has a length of " + length + ", not " + expected);
        }
        for (int g = 0; g < pool.groups(); g++) {
            PageTable table = sequence.table(g);
            int begin = in.readInt();
            // A sequence that was cut back may hold no page but those that its next row sees.
            int needed = pool.group(g).firstSeen(length);
            if (begin < 0 || begin * (long) KvPage.POSITIONS > needed) {
                throw new IOException("saved sequence: its pages begin at " + begin
                        + ", but its next row sees from position " + needed + " on");
            }
            table.startAt(begin);
            for (int i = begin; i < lastPage(length); i++) {
                int number = read == null ? 0 : in.readInt();
                int known = read == null ? 0 : read.get(g).size();
                if (number < 0 || number > known) {
                    throw new IOException("saved sequence: page " + number + " of " + known + " before it");
                }
                if (number < known) {
                    table.append(read.get(g).get(number));
                    continue;
                }
                pool.requireRoom(pool.group(g).pageBytes());
                read(table.append(), in);
                if (read != null) {
                    read.get(g).add(table.page(i));
                }
            }
        }
        if (length > 0 && pool.stateFloats().length > 0) {
            sequence.makeStates();
            for (int s = 0; s < pool.stateFloats().length; s++) {
                read(sequence.state(s), in);
            }
        }
        sequence.restored(length);
    }

    private void read(KvPage page, DataInputStream in) throws IOException {
        switch (page) {
            case F32KvPage floats -> read(floats.elements(), in);
            case F16KvPage halves -> read(halves.halves(), in);
            case Q8_0KvPage codes -> {
                in.readFully(codes.codes());
                read(codes.scales(), in);
            }
        }
    }

    /** One number that is none would spoil every answer that begins like this one. */
    private static void requireFinite(boolean finite) throws IOException {
        if (!finite) {
            throw new IOException("saved sequence: a number of its keys, values or states is NaN or infinite");
        }
    }

    private void read(float[] numbers, DataInputStream in) throws IOException {
        int most = PIECE / Float.BYTES;
        for (int i = 0; i < numbers.length; i += most) {
            int count = Math.min(most, numbers.length - i);
            in.readFully(buffer.array(), 0, count * Float.BYTES);
            buffer.asFloatBuffer().get(numbers, i, count);
        }
        for (float number : numbers) {
            requireFinite(Float.isFinite(number));
        }
    }

    private void read(short[] numbers, DataInputStream in) throws IOException {
        int most = PIECE / Short.BYTES;
        for (int i = 0; i < numbers.length; i += most) {
            int count = Math.min(most, numbers.length - i);
            in.readFully(buffer.array(), 0, count * Short.BYTES);
            buffer.asShortBuffer().get(numbers, i, count);
        }
        for (short number : numbers) {
            requireFinite((number & F16_EXPONENT) != F16_EXPONENT);
        }
    }
}
