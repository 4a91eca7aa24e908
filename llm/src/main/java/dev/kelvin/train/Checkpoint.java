// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.StringJoiner;
import java.util.zip.CRC32C;

/**
 * A run on disk: magic, the run's identity (length and UTF-8), steps done, the number of parameters, parameters and
 * both moments as little-endian f32, CRC-32C of all that. No state of a random generator is among it, for there is
 * none.
 *
 * <p>The identity is a line that describes the run without its number of steps, and a line with the hash of the
 * learning rates so far: a run of another length may go on from here if it came to this point the same way.
 */
final class Checkpoint {
    private static final long MAGIC = 0x3150_4b43_4e56_4c4bL; // "KLVNCKP1"
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int LONGEST_IDENTITY = 1 << 16;

    /** Magic, the length of an identity, step and count. */
    private static final int SHORTEST_HEADER = Long.BYTES + 3 * Integer.BYTES;

    private final Path path;
    private final FileChannel channel;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer chunk = newChunk();

    private Checkpoint(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    private static ByteBuffer newChunk() {
        return ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void write(Path path, String run, Recipe recipe, int step, Parameters parameters) throws IOException {
        String identity = run + "\n" + recipe.hashOfRates(step);
        FileReplacement.write(path, out -> new Writer(out).writeAll(identity, step, parameters));
    }

    /** Fills the parameters and returns the number of steps done. Nothing is filled unless the whole file is sound. */
    static int read(Path path, String run, Recipe recipe, Parameters parameters) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            Checkpoint checkpoint = new Checkpoint(path, channel);
            Header header = checkpoint.readHeader();
            header.requireRun(path, run, recipe);
            checkpoint.requireSum();
            channel.position(header.end());
            if (header.count() != parameters.count()) {
                String found = Integer.toString(header.count());
                throw new ModelFormatException(
                        path, "checkpoint", header.end() - Integer.BYTES, parameters.count() + " parameters", found);
            }
            checkpoint.read(parameters.values());
            checkpoint.read(parameters.firstMoments());
            checkpoint.read(parameters.secondMoments());
            return header.step();
        }
    }

    /**
     * What stands before the numbers.
     *
     * @param identity of the run, and the hash of its rates
     * @param step done
     * @param count of parameters
     * @param end the first byte behind it
     */
    private record Header(String[] identity, int step, int count, long end) {
        void requireRun(Path path, String run, Recipe recipe) throws IOException {
            if (!identity[0].equals(run)) {
                throw new IOException(path + ": belongs to another run; " + difference(identity[0], run));
            }
            if (step > recipe.steps()) {
                throw new IOException(path + ": has " + step + " steps done, this run ends after " + recipe.steps());
            }
            if (!identity[1].equals(recipe.hashOfRates(step))) {
                throw new IOException(path + ": its " + step + " steps had other learning rates than those of a run of "
                        + recipe.steps() + " steps. The rate falls towards the last step, so a run can be made longer"
                        + " during its warm-up, or where the least rate equals the peak");
            }
        }
    }

    private Header readHeader() throws IOException {
        long size = channel.size();
        if (size < SHORTEST_HEADER) {
            throw defect(0, "a checkpoint of Kelvin", size + " bytes");
        }
        fill(Long.BYTES + Integer.BYTES);
        if (chunk.getLong() != MAGIC) {
            throw defect(0, "a checkpoint of Kelvin", "another kind of file");
        }
        int length = chunk.getInt();
        if (length < 0 || length > Math.min(LONGEST_IDENTITY, size - SHORTEST_HEADER)) {
            throw defect(Long.BYTES, "the length of a run's description", Integer.toUnsignedString(length));
        }
        fill(length + 2 * Integer.BYTES);
        byte[] text = new byte[length];
        chunk.get(text);
        String[] identity = new String(text, StandardCharsets.UTF_8).split("\n", 2);
        int step = chunk.getInt();
        int count = chunk.getInt();
        long end = channel.position();
        if (identity.length < 2 || step < 0 || count < 0) {
            throw defect(end - 2 * Integer.BYTES, "a run, steps and a number of parameters", step + ", " + count);
        }
        long needed = end + 3L * Float.BYTES * count + Long.BYTES;
        if (size != needed) {
            throw defect(size, needed + " bytes, as its beginning says", size + " bytes; it is cut short or damaged");
        }
        return new Header(identity, step, count, end);
    }

    private void requireSum() throws IOException {
        long left = channel.size() - channel.position() - Long.BYTES;
        while (left > 0) {
            int count = (int) Math.min(left, CHUNK_BYTES);
            fill(count);
            left -= count;
        }
        long sum = crc.getValue();
        long at = channel.position();
        fill(Long.BYTES);
        long found = chunk.getLong();
        if (found != sum) {
            throw defect(at, "the checksum " + Long.toHexString(sum), Long.toHexString(found) + "; it is damaged");
        }
    }

    /** Names what two runs differ in, for their descriptions are lists of the same things. */
    private static String difference(String found, String run) {
        String[] theirs = found.split(", ", -1);
        String[] ours = run.split(", ", -1);
        if (theirs.length != ours.length) {
            return "it has " + found + ", this run has " + run;
        }
        StringJoiner there = new StringJoiner(", ");
        StringJoiner here = new StringJoiner(", ");
        for (int i = 0; i < ours.length; i++) {
            if (!theirs[i].equals(ours[i])) {
                there.add(theirs[i].replaceAll("^.*\\[|\\]$", ""));
                here.add(ours[i].replaceAll("^.*\\[|\\]$", ""));
            }
        }
        return "it has " + there + "; this run has " + here;
    }

    private void read(HeapTensor numbers) throws IOException {
        for (int i = 0; i < numbers.columns(); ) {
            int count = Math.min(numbers.columns() - i, CHUNK_BYTES / Float.BYTES);
            fill(count * Float.BYTES);
            chunk.asFloatBuffer().get(numbers.data(), numbers.offset() + i, count);
            i += count;
        }
    }

    private void fill(int bytes) throws IOException {
        chunk.clear().limit(bytes);
        while (chunk.hasRemaining()) {
            if (channel.read(chunk) < 0) {
                throw defect(channel.position(), "more bytes", "its end; it was cut meanwhile");
            }
        }
        chunk.flip();
        crc.update(chunk);
        chunk.rewind();
    }

    private ModelFormatException defect(long byteOffset, String expected, String found) {
        return new ModelFormatException(path, "checkpoint", byteOffset, expected, found);
    }

    /** The way there. */
    private static final class Writer {
        private final WritableByteChannel out;
        private final CRC32C crc = new CRC32C();
        private final ByteBuffer chunk = newChunk();

        Writer(OutputStream out) {
            this.out = Channels.newChannel(out);
        }

        void writeAll(String identity, int step, Parameters parameters) throws IOException {
            byte[] text = identity.getBytes(StandardCharsets.UTF_8);
            chunk.putLong(MAGIC).putInt(text.length).put(text).putInt(step).putInt(parameters.count());
            flush();
            write(parameters.values());
            write(parameters.firstMoments());
            write(parameters.secondMoments());
            chunk.putLong(crc.getValue());
            flush();
        }

        private void write(HeapTensor numbers) throws IOException {
            for (int i = 0; i < numbers.columns(); ) {
                int count = Math.min(numbers.columns() - i, CHUNK_BYTES / Float.BYTES);
                chunk.asFloatBuffer().put(numbers.data(), numbers.offset() + i, count);
                chunk.position(count * Float.BYTES);
                flush();
                i += count;
            }
        }

        private void flush() throws IOException {
            chunk.flip();
            crc.update(chunk);
            chunk.rewind();
            while (chunk.hasRemaining()) {
                out.write(chunk);
            }
            chunk.clear();
        }
    }
}
