// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Writes a GGUF file: version 3, little-endian, aligned to 32 bytes unless {@code general.alignment} is given.
 *
 * <p>Keys and tensors are listed in the order in which they were added. Metadata is encoded when it is added, so later
 * changes of an array do not reach the file; tensors are read when {@link #write} runs. A writer belongs to one thread,
 * and may write several times.
 */
public final class GgufWriter {
    /** Makes the values of a matrix row by row, so that a tensor larger than memory can be written. */
    @FunctionalInterface
    public interface RowSource {
        /**
         * Sets every element of one row.
         *
         * @param row its index, ascending from 0
         * @param values [columns], to be filled; it holds the row before
         */
        void fill(int row, float[] values);
    }

    /** Makes the bytes of a tensor of any type. */
    @FunctionalInterface
    public interface ByteSource {
        /** Writes exactly the tensor's bytes to {@code out}, which is buffered and need not be closed. */
        void writeTo(OutputStream out) throws IOException;
    }

    private record Content(String name, DType dtype, Shape shape, long byteSize, ByteSource source) {}

    private static final int CHUNK_BYTES = 1 << 16;

    private final Map<String, byte[]> metadata = new LinkedHashMap<>();
    private final Map<String, Content> tensors = new LinkedHashMap<>();
    private int alignment = GgufHeader.DEFAULT_ALIGNMENT;

    /** A writer without metadata and tensors. */
    public GgufWriter() {}

    /**
     * Adds a value whose GGUF type follows from its Java type: Boolean, Float, Double, String; Byte and Short as INT8
     * and INT16; Integer and Long as UINT32 and UINT64 when not negative, which is what sizes and ids have in model
     * files, else as INT32 and INT64; BigInteger as UINT64; arrays of byte, short, int, long, float, double, boolean as
     * INT8 to INT64, FLOAT32, FLOAT64 and BOOL, {@code String[]}, {@code BigInteger[]} as UINT64, and {@code Object[]}
     * as an array of such arrays.
     *
     * @return this writer
     * @throws IllegalArgumentException if the key is empty, too long or already there, or if no GGUF type fits the
     *     value
     */
    public GgufWriter metadata(String key, Object value) {
        return add(key, GgufEncoder.encode(key, value), value);
    }

    /**
     * Adds a value of a stated type, for example a {@link GgufType#UINT8}.
     *
     * @param key its name
     * @param type any but {@link GgufType#ARRAY}
     * @param value a Number for the number types (integers must fit), a Boolean or a String
     * @return this writer
     * @throws IllegalArgumentException if the key is empty, too long or already there, or if the value does not fit the
     *     type
     */
    public GgufWriter metadata(String key, GgufType type, Object value) {
        return add(key, GgufEncoder.encode(key, type, value), value);
    }

    /**
     * Adds an array whose elements have a stated type.
     *
     * @param key its name
     * @param elementType the type of each element; for {@link GgufType#ARRAY} the array is an {@code Object[]} of
     *     arrays, whose types follow as in {@link #metadata(String, Object)}
     * @param array a primitive array or an array of objects, each element as in {@link #metadata(String, GgufType,
     *     Object)}
     * @return this writer
     * @throws IllegalArgumentException if the key is empty, too long or already there, or if an element does not fit
     *     the type
     */
    public GgufWriter array(String key, GgufType elementType, Object array) {
        return add(key, GgufEncoder.encodeArray(key, elementType, array), array);
    }

    /**
     * Adds the metadata of a file, in its order, and of a GGUF file byte for byte: also texts that are not UTF-8 stay
     * what they are.
     *
     * @param file an open file
     * @param except keys to leave out
     * @return this writer
     * @throws IllegalArgumentException if a key is already there
     * @throws IOException if metadata that are kept elsewhere cannot be read
     */
    public GgufWriter metadataOf(ModelFile file, Set<String> except) throws IOException {
        file.allMetadata().entries().forEach((key, entry) -> {
            if (except.contains(key)) {
                return;
            }
            if (!(file instanceof GgufFile gguf)) {
                metadata(key, entry.value());
            } else {
                GgufEncoder encoder = new GgufEncoder();
                encoder.putInt(entry.type().id());
                encoder.putBytes(gguf.bytes(entry.byteOffset(), entry.byteEnd()));
                add(key, encoder.toByteArray(), entry.value());
            }
        });
        return this;
    }

    /**
     * Adds an F32 tensor from memory; it is read when {@link #write} runs.
     *
     * @return this writer
     * @throws IllegalArgumentException if the name is empty, too long or already there, or if the shape is not one a
     *     GGUF file holds
     */
    public GgufWriter tensor(String name, HeapTensor tensor) {
        float[] data = tensor.data();
        int offset = tensor.offset();
        int columns = tensor.shape().columns();
        return tensor(
                name,
                tensor.shape(),
                (row, values) -> System.arraycopy(data, offset + row * columns, values, 0, columns));
    }

    /**
     * Adds an F32 tensor that is made row by row while it is written.
     *
     * @return this writer
     * @throws IllegalArgumentException if the name is empty, too long or already there, or if the shape is not one a
     *     GGUF file holds
     */
    public GgufWriter tensor(String name, Shape shape, RowSource rows) {
        return tensor(name, DType.F32, shape, out -> {
            float[] values = new float[shape.columns()];
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int row = 0; row < shape.rows(); row++) {
                rows.fill(row, values);
                int written = 0;
                while (written < values.length) {
                    int count = Math.min(values.length - written, CHUNK_BYTES / Float.BYTES);
                    chunk.asFloatBuffer().put(values, written, count);
                    out.write(chunk.array(), 0, count * Float.BYTES);
                    written += count;
                }
            }
        });
    }

    /**
     * Adds a tensor of any type that is made while it is written.
     *
     * @return this writer
     * @throws IllegalArgumentException if the name is empty, too long or already there, or if the shape is not one a
     *     GGUF file holds
     */
    public GgufWriter tensor(String name, DType dtype, Shape shape, ByteSource source) {
        GgufEncoder.checkName("tensor", "name", name);
        if (tensors.containsKey(name)) {
            throw new IllegalArgumentException("tensor: name " + name + " was added before");
        }
        if (shape.rank() > GgufHeader.MOST_DIMENSIONS) {
            throw new IllegalArgumentException("tensor: shape of " + name + " is " + shape + ", must have at most "
                    + GgufHeader.MOST_DIMENSIONS + " dimensions");
        }
        if (shape.columns() % dtype.blockSize() != 0) {
            throw new IllegalArgumentException("tensor: shape of " + name + " is " + shape + ", but rows of " + dtype
                    + " have a multiple of " + dtype.blockSize() + " elements");
        }
        tensors.put(name, new Content(name, dtype, shape, dtype.byteSize(shape.elements()), source));
        return this;
    }

    /**
     * Writes everything to a temporary file in the same folder, forces it to disk, and renames it to {@code path},
     * atomically: a file that was there is replaced (of a symbolic link, the file it stands for), and nobody ever sees
     * half a file. If anything fails or the process is told to end, the temporary file is deleted.
     *
     * @throws java.nio.file.FileSystemException if there is something at {@code path} that is not a regular file, or if
     *     creating, writing or renaming fails; it names {@code path}
     * @throws IOException if a tensor's source fails
     * @throws IllegalStateException if a tensor's source writes more or fewer bytes than the tensor takes
     */
    public void write(Path path) throws IOException {
        FileReplacement.write(path, this::writeTo);
    }

    private GgufWriter add(String key, byte[] encoded, Object value) {
        if (metadata.containsKey(key)) {
            throw new IllegalArgumentException("metadata: key " + key + " was added before");
        }
        if (key.equals(GgufHeader.ALIGNMENT_KEY)) {
            alignment = checkedAlignment(value);
        }
        metadata.put(key, encoded);
        return this;
    }

    private static int checkedAlignment(Object value) {
        if (value instanceof Number number
                && number.longValue() == number.intValue()
                && number.intValue() >= GgufHeader.SMALLEST_ALIGNMENT
                && Integer.bitCount(number.intValue()) == 1
                && !(value instanceof Float || value instanceof Double)) {
            return number.intValue();
        }
        throw new IllegalArgumentException("metadata: " + GgufHeader.ALIGNMENT_KEY + " is " + value
                + ", must be an integer, a power of two, " + GgufHeader.SMALLEST_ALIGNMENT + " or more");
    }

    private void writeTo(OutputStream file) throws IOException {
        byte[] header = header();
        CountedOutput out = new CountedOutput(file);
        out.write(header);
        for (Content tensor : tensors.values()) {
            out.pad(alignment);
            long start = out.count();
            tensor.source().writeTo(out);
            long written = out.count() - start;
            if (written != tensor.byteSize()) {
                throw new IllegalStateException("write: the source of tensor " + tensor.name() + " wrote " + written
                        + " bytes, but " + tensor.dtype() + " " + tensor.shape() + " takes " + tensor.byteSize());
            }
        }
        // ggml counts the last tensor's padding as part of the file.
        out.pad(alignment);
        out.flush();
    }

    private byte[] header() {
        GgufEncoder encoder = new GgufEncoder();
        encoder.putInt(GgufHeader.MAGIC);
        encoder.putInt(3);
        encoder.putLong(tensors.size());
        encoder.putLong(metadata.size());
        metadata.forEach((key, encoded) -> {
            encoder.putText(key);
            encoder.putBytes(encoded);
        });
        long offset = 0;
        for (Content tensor : tensors.values()) {
            encoder.putText(tensor.name());
            int rank = tensor.shape().rank();
            encoder.putInt(rank);
            for (int i = rank - 1; i >= 0; i--) {
                encoder.putLong(tensor.shape().dim(i));
            }
            encoder.putInt(tensor.dtype().ggmlId());
            encoder.putLong(offset);
            offset = Math.addExact(offset, tensor.byteSize() + alignment - 1) & -alignment;
        }
        return encoder.toByteArray();
    }
}
