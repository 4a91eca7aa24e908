// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.SafetensorsFile;
import dev.kelvin.format.TensorInfo;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A tensor under GGUF's name, and what it is made of. What only has another name or shape, or is a range of rows, is
 * read directly from the mapping; else a changed copy is made when it is first asked for.
 */
final class HubTensor {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ALIGNMENT = 64;

    private final String name;
    private final TensorChange change;
    private final int heads;
    private final List<Source> sources;
    private final TensorInfo info;

    /** A tensor of the hub. */
    record Source(SafetensorsFile file, String name) {
        SafetensorsFile.Entry entry() {
            return file.tensors().get(name);
        }

        ModelFormatException refuse(String expected, String found) {
            return file.refuse(name, expected, found);
        }
    }

    /**
     * Checks that the change can be made.
     *
     * @param name GGUF's
     * @param heads in which rows are interleaved; 0 for other changes
     * @param sources one; of {@link TensorChange#STACK} one an expert
     */
    HubTensor(String name, TensorChange change, int heads, List<Source> sources) throws ModelFormatException {
        Source first = sources.getFirst();
        SafetensorsFile.Entry entry = first.entry();
        DType dtype = change.isCodes() ? DType.MXFP4 : SafetensorsFile.dtype(entry);
        if (dtype == null) {
            throw first.refuse("a type that can be computed (F32, F16, BF16)", entry.type());
        }
        if (change.isCodes()) {
            HubCodes.check(first, sources.get(1));
        }
        for (Source source : change.isCodes() ? List.<Source>of() : sources) {
            if (!source.entry().type().equals(entry.type())
                    || !source.entry().shape().equals(entry.shape())) {
                throw source.refuse(entry.type() + " " + entry.shape() + " as for " + first.name(), "another one");
            }
        }
        this.name = name;
        this.change = entry.shape().rank() < 2 && change == TensorChange.TRANSPOSE ? TensorChange.NONE : change;
        this.heads = heads;
        this.sources = List.copyOf(sources);
        DType made = change == TensorChange.PLUS_ONE ? DType.F32 : dtype;
        Shape shape = shape(first);
        this.info = new TensorInfo(
                first.file().path(), name, made, shape, entry.byteOffset(), made.byteSize(shape.elements()));
    }

    TensorInfo info() {
        return info;
    }

    private Shape shape(Source source) throws ModelFormatException {
        int[] dims = source.entry().shape().dims();
        int rank = dims.length;
        switch (change) {
            case NONE, SKIP, UNTIED, PLUS_ONE -> {}
            case SQUEEZE -> dims = Arrays.stream(dims).filter(dim -> dim != 1).toArray();
            case TRANSPOSE -> {
                require(source, rank == 2 || rank == 3, "a matrix, or one for each expert");
                swapLast(dims);
            }
            case INTERLEAVE ->
                require(source, rank > 0 && heads > 0 && dims[0] % (2 * heads) == 0, heads + " heads of an even width");
            case STACK ->
                dims = IntStream.concat(IntStream.of(sources.size()), IntStream.of(dims))
                        .toArray();
            case FIRST_HALF, SECOND_HALF -> {
                require(source, rank >= 2 && dims[rank - 2] % 2 == 0, "an even number of rows");
                dims[rank - 2] /= 2;
            }
            case EVEN, ODD -> {
                require(source, (rank == 2 || rank == 3) && dims[rank - 1] % 2 == 0, "an even number of columns");
                dims[rank - 1] /= 2;
                if (rank == 3) {
                    swapLast(dims);
                }
            }
            case MXFP4 -> dims = new int[] {dims[0], dims[1], 32 * dims[2]};
            case MXFP4_EVEN, MXFP4_ODD -> {
                require(source, dims[1] % 2 == 0, "an even number of rows");
                dims = new int[] {dims[0], dims[1] / 2, 32 * dims[2]};
            }
        }
        require(source, dims.length <= 4, "at most 4 dimensions");
        return Shape.of(dims);
    }

    private static void swapLast(int[] dims) {
        int last = dims[dims.length - 1];
        dims[dims.length - 1] = dims[dims.length - 2];
        dims[dims.length - 2] = last;
    }

    private static void require(Source source, boolean holds, String expected) throws ModelFormatException {
        if (!holds) {
            throw source.refuse(expected, "shape " + source.entry().shape());
        }
    }

    /** The tensor; memory for a changed copy is the arena's. */
    MappedTensor make(Arena arena) {
        MemorySegment bytes = bytes(sources.getFirst());
        return new MappedTensor(
                info.dtype(),
                info.shape(),
                switch (change) {
                    case NONE, SKIP, UNTIED, SQUEEZE -> bytes;
                    case FIRST_HALF, SECOND_HALF -> half(bytes, arena);
                    default -> copy(arena);
                });
    }

    private static MemorySegment bytes(Source source) {
        return source.file().bytesOf(source.entry());
    }

    /** Of a matrix it is one range of rows; of one a expert, as many ranges. */
    private MemorySegment half(MemorySegment bytes, Arena arena) {
        int rank = info.shape().rank();
        long experts =
                rank == 2 ? 1 : info.shape().rows() / Math.max(1, info.shape().dim(rank - 2));
        long half = info.byteSize() / Math.max(1, experts);
        long begin = change == TensorChange.FIRST_HALF ? 0 : half;
        if (experts == 1) {
            return bytes.asSlice(begin, half);
        }
        MemorySegment copy = arena.allocate(info.byteSize(), ALIGNMENT);
        for (long expert = 0; expert < experts; expert++) {
            MemorySegment.copy(bytes, 2 * half * expert + begin, copy, half * expert, half);
        }
        return copy;
    }

    private MemorySegment copy(Arena arena) {
        MemorySegment copy = arena.allocate(info.byteSize(), ALIGNMENT);
        MemorySegment bytes = bytes(sources.getFirst());
        Shape shape = sources.getFirst().entry().shape();
        switch (change) {
            case STACK -> stack(copy);
            case INTERLEAVE -> interleave(bytes, shape, copy);
            case TRANSPOSE -> transpose(bytes, shape, copy);
            case EVEN -> everyOther(bytes, shape, 0, copy);
            case ODD -> everyOther(bytes, shape, 1, copy);
            case MXFP4 -> HubCodes.pack(sources.get(0), sources.get(1), 0, 1, copy);
            case MXFP4_EVEN -> HubCodes.pack(sources.get(0), sources.get(1), 0, 2, copy);
            case MXFP4_ODD -> HubCodes.pack(sources.get(0), sources.get(1), 1, 2, copy);
            case PLUS_ONE -> plusOne(bytes, shape, copy);
            default -> throw new AssertionError(change + " needs no copy");
        }
        return copy;
    }

    private void stack(MemorySegment copy) {
        long at = 0;
        for (Source source : sources) {
            MemorySegment from = bytes(source);
            MemorySegment.copy(from, 0, copy, at, from.byteSize());
            at += from.byteSize();
        }
    }

    private void interleave(MemorySegment bytes, Shape shape, MemorySegment copy) {
        int rows = shape.dim(0);
        long rowBytes = bytes.byteSize() / Math.max(1, rows);
        int width = rows / heads;
        for (int row = 0; row < rows; row++) {
            int inHead = row % width;
            int to = row - inHead + (inHead < width / 2 ? 2 * inHead : 2 * (inHead - width / 2) + 1);
            MemorySegment.copy(bytes, row * rowBytes, copy, to * rowBytes, rowBytes);
        }
    }

    private static void transpose(MemorySegment bytes, Shape shape, MemorySegment copy) {
        int rank = shape.rank();
        int rows = shape.dim(rank - 2);
        int columns = shape.dim(rank - 1);
        int experts = rank == 2 ? 1 : shape.dim(0);
        long element = bytes.byteSize() / Math.max(1, shape.elements());
        long to = 0;
        for (int expert = 0; expert < experts; expert++) {
            for (int column = 0; column < columns; column++) {
                for (int row = 0; row < rows; row++) {
                    long from = ((long) expert * rows + row) * columns + column;
                    MemorySegment.copy(bytes, from * element, copy, to * element, element);
                    to++;
                }
            }
        }
    }

    private static void everyOther(MemorySegment bytes, Shape shape, int first, MemorySegment copy) {
        int rank = shape.rank();
        int columns = shape.dim(rank - 1);
        int experts = rank == 2 ? 1 : shape.dim(0);
        int rows = rank == 2 ? shape.dim(0) : shape.dim(1);
        long element = bytes.byteSize() / Math.max(1, shape.elements());
        for (int expert = 0; expert < experts; expert++) {
            for (int row = 0; row < rows; row++) {
                for (int column = first; column < columns; column += 2) {
                    long from = ((long) expert * rows + row) * columns + column;
                    long half = column / 2;
                    long to = rank == 2
                            ? (long) row * (columns / 2) + half
                            : ((long) expert * (columns / 2) + half) * rows + row;
                    MemorySegment.copy(bytes, from * element, copy, to * element, element);
                }
            }
        }
    }

    private void plusOne(MemorySegment bytes, Shape shape, MemorySegment copy) {
        DType dtype = SafetensorsFile.dtype(sources.getFirst().entry());
        float[] values = new MappedTensor(dtype, shape, bytes).toHeap().data();
        for (int i = 0; i < values.length; i++) {
            copy.set(FLOAT, (long) i * Float.BYTES, values[i] + 1);
        }
    }

    @Override
    public String toString() {
        return name + " of " + sources;
    }
}
