// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the tensors of a file one by one, each with the shape that the architecture expects, and knows in the end which
 * were left over: a bias nobody adds would silently make another model.
 */
final class WeightReader {
    private final GgufFile file;
    private final Progress progress;
    private final WeightPacker packer;
    private final long total;
    private long done;
    private boolean packed;
    private final Set<String> taken = new HashSet<>();

    WeightReader(GgufFile file, Compute compute, Progress progress) {
        this.file = file;
        this.progress = progress;
        total = file.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
        packer = new WeightPacker(compute, file.arena(), total, SystemMemory.limit(), progress);
    }

    boolean contains(String name) {
        return file.find(name).isPresent();
    }

    /** A matrix whose rows are read one by one, left in the mapped file. */
    MappedTensor table(String name, int rows, int columns) throws ModelFormatException {
        return take(name, Shape.of(rows, columns));
    }

    /** A matrix to multiply with: packed if that makes it faster, else left in the mapped file. */
    Tensor matrix(String name, int rows, int columns) throws ModelFormatException {
        return factor(table(name, rows, columns));
    }

    /** A table to multiply with. Pages of the file that have become a packed copy are not needed in memory any more. */
    Tensor factor(MappedTensor table) {
        Tensor factor = packer.pack(table);
        if (factor instanceof PackedTensor) {
            if (table.segment().isMapped()) {
                table.segment().unload();
            }
            packed = true;
            if (done < total) {
                progress.at(done, total);
            }
        }
        return factor;
    }

    /** A vector, decoded to the heap: {@code length} is only trusted after the file was found to hold as much. */
    HeapTensor vector(String name, int length) throws ModelFormatException {
        return take(name, Shape.of(length)).toHeap();
    }

    private MappedTensor take(String name, Shape shape) throws ModelFormatException {
        Optional<TensorInfo> found = file.find(name);
        if (found.isEmpty()) {
            throw new ModelFormatException(file.path(), "tensor " + name, -1, "a tensor " + shape, "no such tensor");
        }
        TensorInfo info = found.get();
        if (!info.shape().equals(shape)) {
            throw defect(info, shape.toString(), info.shape().toString());
        }
        if (!info.dtype().isDecodable()) {
            throw defect(
                    info,
                    "a weight type that can be computed (" + DType.decodable() + ")",
                    info.dtype().toString());
        }
        if (taken.add(name)) {
            done += info.byteSize();
        }
        return file.tensor(name);
    }

    private ModelFormatException defect(TensorInfo info, String expected, String found) {
        return new ModelFormatException(info.path(), "tensor " + info.name(), info.byteOffset(), expected, found);
    }

    /** Refuses a file that holds tensors nobody took. */
    void requireAllTaken() throws ModelFormatException {
        List<TensorInfo> left = file.tensors().stream()
                .filter(info -> info.byteSize() > 0 && !taken.contains(info.name()))
                .toList();
        if (!left.isEmpty()) {
            throw defect(
                    left.getFirst(),
                    "only tensors that the architecture computes with",
                    left.size() + " that would be ignored, this one first");
        }
        if (packed) {
            progress.at(total, total);
        }
    }
}
