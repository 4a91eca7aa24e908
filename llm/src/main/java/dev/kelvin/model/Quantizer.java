// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Set;

/**
 * Writes a model file again with its weights in other types, a few rows at a time.
 *
 * <p>Metadata stays byte for byte, but for {@code general.file_type} and {@code general.quantization_version}. Which
 * tensor gets which type is up to the {@link WeightScheme}; what has that type already, or cannot be decoded, is
 * copied. The bytes do not depend on the number of threads.
 */
public final class Quantizer {
    private static final String FILE_TYPE = "general.file_type";
    private static final String QUANTIZATION_VERSION = "general.quantization_version";

    /** Elements that are encoded together: enough to share out, and a megabyte or four to write. */
    private static final int PIECE_ELEMENTS = 1 << 20;

    /** Bytes of a row that is encoded: an array holds it. No model comes near. */
    private static final int LONGEST_ROW = Integer.MAX_VALUE - 8;

    private static final int COPY_BYTES = 1 << 20;

    private final ModelFile file;
    private final Compute compute;
    private final WeightScheme scheme;
    private final Progress progress;
    private final int layers;
    private final boolean tied;
    private final long total;
    private long done;

    private Quantizer(ModelFile file, Compute compute, WeightScheme scheme, Progress progress)
            throws ModelFormatException {
        this.file = file;
        this.compute = compute;
        this.scheme = scheme;
        this.progress = progress;
        String architecture = file.metadata().string("general.architecture", "");
        this.layers = file.metadata().integer(architecture + ".block_count", 0);
        this.tied = file.find("output.weight").isEmpty();
        this.total = file.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    }

    /**
     * Writes the file, under a temporary name first.
     *
     * @param file an open file
     * @param compute its workers share the encoding
     * @param scheme the types to write
     * @param out the new file, not the one that is open; replaced if it exists
     * @param progress is told about each piece
     * @throws ModelFormatException if a number cannot be held by its new type: NaN, infinite, or beyond
     *     {@link dev.kelvin.tensor.BlockFormat#largest}; or if a row would take 2 GiB
     * @throws IOException if writing fails
     */
    public static void quantize(ModelFile file, Compute compute, WeightScheme scheme, Path out, Progress progress)
            throws IOException {
        new Quantizer(file, compute, scheme, progress).write(out);
    }

    private void write(Path out) throws IOException {
        GgufWriter writer = new GgufWriter().metadataOf(file, Set.of(FILE_TYPE, QUANTIZATION_VERSION));
        writer.metadata(QUANTIZATION_VERSION, GgufType.UINT32, WeightScheme.QUANTIZATION_VERSION);
        writer.metadata(FILE_TYPE, GgufType.UINT32, scheme.fileType());
        for (TensorInfo info : file.tensors()) {
            MappedTensor from = file.tensor(info.name());
            DType type = scheme.typeOf(info.name(), info.shape(), layers, tied);
            if (!info.dtype().isDecodable() || type == info.dtype() || info.byteSize() == 0) {
                writer.tensor(info.name(), info.dtype(), info.shape(), sink -> copy(from.segment(), sink));
            } else if (type.byteSize(info.shape().columns()) > LONGEST_ROW) {
                throw defect(info, "rows of at most " + LONGEST_ROW + " bytes as " + type, "shape " + info.shape());
            } else {
                writer.tensor(info.name(), type, info.shape(), sink -> encode(info, from, type, sink));
            }
        }
        writer.write(out);
    }

    private void copy(MemorySegment from, OutputStream sink) throws IOException {
        byte[] bytes = new byte[(int) Math.min(COPY_BYTES, from.byteSize())];
        for (long at = 0; at < from.byteSize(); at += bytes.length) {
            int length = (int) Math.min(bytes.length, from.byteSize() - at);
            MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
            sink.write(bytes, 0, length);
            progress(length);
        }
    }

    private void encode(TensorInfo info, MappedTensor from, DType type, OutputStream sink) throws IOException {
        Shape shape = from.shape();
        int rowsAtOnce = Math.max(1, PIECE_ELEMENTS / shape.columns());
        long rowBytes = type.byteSize(shape.columns());
        byte[] bytes = new byte[Math.toIntExact(rowBytes * Math.min(rowsAtOnce, shape.rows()))];
        for (int begin = 0; begin < shape.rows(); begin += rowsAtOnce) {
            int end = Math.min(begin + rowsAtOnce, shape.rows());
            long unfit = compute.weights().encode(from, begin, end, type, bytes);
            if (unfit >= 0) {
                throw defect(info, "finite numbers that " + type + " can hold", "another at element " + unfit);
            }
            sink.write(bytes, 0, (int) (rowBytes * (end - begin)));
            progress(info.dtype().byteSize((long) (end - begin) * shape.columns()));
        }
    }

    private ModelFormatException defect(TensorInfo info, String expected, String found) {
        return new ModelFormatException(info.path(), "tensor " + info.name(), info.byteOffset(), expected, found);
    }

    private void progress(long bytes) {
        done += bytes;
        progress.at(done, total);
    }
}
