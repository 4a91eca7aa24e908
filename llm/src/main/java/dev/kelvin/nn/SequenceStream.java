// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

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
import java.util.Arrays;

/**
 * A sequence as bytes: what its pool keeps, by which a reader knows whether it can have it; its length; its pages and
 * states, little-endian.
 */
final class SequenceStream {
    private static final int MAGIC = 0x4b565351; // KVSQ
    private static final int VERSION = 1;

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

    static void write(Sequence sequence, OutputStream to) throws IOException {
        SequenceStream stream = new SequenceStream();
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
                stream.write(table.storages()[i], out);
            }
        }
        for (int s = 0; sequence.hasStates() && s < sequence.pool().stateFloats().length; s++) {
            stream.write(sequence.state(s), out);
        }
        out.flush();
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

    /** Reads into an empty sequence; one that could not be read whole is to be closed. */
    static void read(Sequence sequence, InputStream from) throws IOException {
        SequenceStream stream = new SequenceStream();
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
        for (int g = 0; g < pool.groups(); g++) {
            PageTable table = sequence.table(g);
            int begin = in.readInt();
            if (begin < 0 || begin > pool.group(g).firstPage(length)) {
                throw new IOException("saved sequence: its pages begin at " + begin + ", but " + length
                        + " positions need those from " + pool.group(g).firstPage(length) + " on");
            }
            table.startAt(begin);
            for (int i = begin; i < lastPage(length); i++) {
                pool.requireRoom(pool.group(g).pageBytes());
                stream.read(table.append(), in);
            }
        }
        if (length > 0 && pool.stateFloats().length > 0) {
            sequence.makeStates();
            for (int s = 0; s < pool.stateFloats().length; s++) {
                stream.read(sequence.state(s), in);
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

    private void read(float[] numbers, DataInputStream in) throws IOException {
        int most = PIECE / Float.BYTES;
        for (int i = 0; i < numbers.length; i += most) {
            int count = Math.min(most, numbers.length - i);
            in.readFully(buffer.array(), 0, count * Float.BYTES);
            buffer.asFloatBuffer().get(numbers, i, count);
        }
    }

    private void read(short[] numbers, DataInputStream in) throws IOException {
        int most = PIECE / Short.BYTES;
        for (int i = 0; i < numbers.length; i += most) {
            int count = Math.min(most, numbers.length - i);
            in.readFully(buffer.array(), 0, count * Short.BYTES);
            buffer.asShortBuffer().get(numbers, i, count);
        }
    }
}
