// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.tensor.HeapTensor;
import java.io.EOFException;
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

    /** Fills the parameters and returns the number of steps done. */
    static int read(Path path, String run, Recipe recipe, Parameters parameters) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new Checkpoint(path, channel).readAll(run, recipe, parameters);
        }
    }

    private int readAll(String run, Recipe recipe, Parameters parameters) throws IOException {
        fill(Long.BYTES + Integer.BYTES);
        if (chunk.getLong() != MAGIC) {
            throw new IOException(path + ": is no checkpoint of Kelvin");
        }
        int length = chunk.getInt();
        if (length < 0 || length > LONGEST_IDENTITY) {
            throw damaged();
        }
        fill(length);
        byte[] text = new byte[length];
        chunk.get(text);
        String[] found = new String(text, StandardCharsets.UTF_8).split("\n", 2);
        if (!found[0].equals(run) || found.length < 2) {
            throw new IOException(path + ": belongs to another run; " + difference(found[0], run));
        }
        fill(2 * Integer.BYTES);
        int step = chunk.getInt();
        if (step < 0 || chunk.getInt() != parameters.count()) {
            throw damaged();
        }
        if (step > recipe.steps()) {
            throw new IOException(path + ": has " + step + " steps done, this run ends after " + recipe.steps());
        }
        if (!found[1].equals(recipe.hashOfRates(step))) {
            throw new IOException(path + ": its " + step + " steps had other learning rates than those of a run of "
                    + recipe.steps() + " steps. The rate falls towards the last step, so a run can be made longer"
                    + " during its warm-up, or where the least rate equals the peak");
        }
        read(parameters.values());
        read(parameters.firstMoments());
        read(parameters.secondMoments());
        long sum = crc.getValue();
        fill(Long.BYTES);
        if (chunk.getLong() != sum) {
            throw damaged();
        }
        return step;
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
                throw new EOFException(path + ": ends early, at byte " + channel.position());
            }
        }
        chunk.flip();
        crc.update(chunk);
        chunk.rewind();
    }

    private IOException damaged() {
        return new IOException(path + ": is damaged (its checksum or sizes do not fit)");
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
