// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.PrefixCache.Text;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UTFDataFormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * Texts of a {@link PrefixCache} as a file, big-endian: a magic number; the fingerprint that they belong to; how many
 * there are; the ids of each; their sequences, pages that they share once; and the CRC-32C of all that. Nothing of a
 * file is used before its sum is found to be right.
 */
final class PrefixCacheFile {
    private static final long MAGIC = 0x4b454c56494e4b31L; // KELVINK1
    private static final int PIECE = 1 << 16;
    private static final int MOST_TEXTS = 1 << 20;

    private PrefixCacheFile() {}

    /** Writes all texts; the file takes its name when it is complete. */
    static void save(Path path, String fingerprint, KvPool pool, PrefixCache cache) throws IOException {
        List<Text> texts = cache.texts();
        FileReplacement.write(path, file -> {
            CRC32C sum = new CRC32C();
            OutputStream checked = new CheckedOutputStream(new BufferedOutputStream(file, PIECE), sum);
            DataOutputStream out = new DataOutputStream(checked);
            out.writeLong(MAGIC);
            out.writeUTF(fingerprint);
            out.writeInt(texts.size());
            for (Text text : texts) {
                out.writeInt(text.ids().length);
                for (int id : text.ids()) {
                    out.writeInt(id);
                }
            }
            pool.saveAll(texts.stream().map(Text::sequence).toList(), out);
            out.writeLong(sum.getValue());
            out.flush();
        });
    }

    /**
     * Reads texts, the most recently used as far as there is room, into a cache.
     *
     * @param most the most ids of a text
     * @return how many were read
     * @throws ModelFormatException if it is no such file, damaged, or of another model or engine
     */
    static int load(Path path, String fingerprint, KvPool pool, PrefixCache cache, int most) throws IOException {
        long size = Files.size(path);
        checkSum(path, size);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), PIECE))) {
            expect(path, 0, "a file of cached prefixes", in.readLong() == MAGIC, "another kind of file");
            String found = in.readUTF();
            expect(path, Long.BYTES, "those of " + fingerprint, found.equals(fingerprint), "those of " + found);
            int count = in.readInt();
            expect(path, -1, "at most " + MOST_TEXTS + " texts", count >= 0 && count <= MOST_TEXTS, count + "");
            List<int[]> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int length = in.readInt();
                boolean possible = length > 0 && length <= most && length <= size / Integer.BYTES;
                expect(path, -1, "a text of 1 to " + most + " tokens", possible, length + "");
                int[] ids = new int[length];
                for (int t = 0; t < length; t++) {
                    ids[t] = in.readInt();
                }
                texts.add(ids);
            }
            return add(texts, sequences(path, texts, pool, in), cache);
        } catch (UTFDataFormatException e) {
            throw new ModelFormatException(path, "cached prefixes", Long.BYTES, "the name of a model", "no text");
        } catch (EOFException e) {
            throw new ModelFormatException(path, "cached prefixes", size, "more bytes", "its end");
        }
    }

    /** As many as there is room for. */
    private static List<Sequence> sequences(Path path, List<int[]> texts, KvPool pool, DataInputStream in)
            throws IOException {
        List<Sequence> sequences;
        try {
            sequences =
                    pool.restoreAll(texts.stream().mapToInt(ids -> ids.length).toArray(), in);
        } catch (EOFException e) {
            throw e;
        } catch (IOException e) {
            ModelFormatException defect =
                    new ModelFormatException(path, "cached prefixes", -1, "sequences of this model", e.getMessage());
            defect.initCause(e);
            throw defect;
        }
        if (sequences.size() == texts.size() && in.readNBytes(Long.BYTES + 1).length != Long.BYTES) {
            sequences.forEach(Sequence::close);
            throw new ModelFormatException(path, "cached prefixes", -1, "its sum after the last text", "more bytes");
        }
        return sequences;
    }

    private static int add(List<int[]> texts, List<Sequence> sequences, PrefixCache cache) {
        for (int i = sequences.size() - 1; i >= 0; i--) {
            cache.add(texts.get(i), sequences.get(i));
        }
        return sequences.size();
    }

    private static void checkSum(Path path, long size) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(path)) {
            expect(path, 0, "a file of cached prefixes", size > 2 * Long.BYTES, size + " bytes");
            for (long left = size - Long.BYTES; left > 0; ) {
                int read = in.readNBytes(piece, 0, (int) Math.min(PIECE, left));
                expect(path, size - left, left + " bytes more", read > 0, "its end");
                sum.update(piece, 0, read);
                left -= read;
            }
            long expected = new DataInputStream(in).readLong();
            expect(path, size - Long.BYTES, "the sum " + sum.getValue(), expected == sum.getValue(), expected + "");
        }
    }

    private static void expect(Path path, long byteOffset, String expected, boolean fulfilled, String found)
            throws ModelFormatException {
        if (!fulfilled) {
            throw new ModelFormatException(path, "cached prefixes", byteOffset, expected, found);
        }
    }
}
