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
import java.util.function.DoubleUnaryOperator;
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
    private final HubTiling tiling;
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
     * @param heads in which rows are interleaved, or as how many rows they lie; 0 for other changes
     * @param tiling the order of heads, for changes of it
     * @param sources one; of {@link TensorChange#STACK} one an expert
     */
    HubTensor(String name, TensorChange change, int heads, HubTiling tiling, List<Source> sources)
            throws ModelFormatException {
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
        this.tiling = tiling;
        this.sources = List.copyOf(sources);
        DType made = change.isComputed() ? DType.F32 : dtype;
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
            case NONE, SKIP, UNTIED, PLUS_ONE, MINUS_EXP -> {}
            case COLUMN, MINUS_EXP_COLUMN -> {
                require(source, rank == 1, "a vector");
                dims = new int[] {dims[0], 1};
            }
            case GROUPS, GROUPS_TRANSPOSE -> {
                boolean turned = change == TensorChange.GROUPS_TRANSPOSE;
                require(
                        source,
                        rank >= (turned ? 2 : 1) && rank <= 2 && heads > 0 && dims[0] % heads == 0,
                        "rows in " + heads + " groups");
                dims = rank == 1 ? new int[] {heads, dims[0] / heads} : new int[] {heads, dims[0] / heads, dims[1]};
                if (turned) {
                    swapLast(dims);
                }
            }
            case GROUPED, GROUPED_QUERIES, GROUPED_KEYS, GROUPED_VALUES -> {
                long all = tiling.groups() * (tiling.each() + 2L);
                require(
                        source,
                        rank > 0
                                && dims[0] > 0
                                && dims[0] % all == 0
                                && (change == TensorChange.GROUPED || dims[0] / all % 2 == 0),
                        "rows of " + tiling.groups() + " heads of keys with " + tiling.each() + " of queries each");
                if (change != TensorChange.GROUPED) {
                    dims[0] = dims[0]
                            / (tiling.each() + 2)
                            * (change == TensorChange.GROUPED_QUERIES ? tiling.each() : 1);
                }
            }
            case LATENT_KEYS, LATENT_VALUES -> {
                int each = dims[0] / tiling.groups();
                int still = tiling.queriesAndKeys();
                require(
                        source,
                        rank == 2 && dims[0] % tiling.groups() == 0 && each > still,
                        "rows of " + tiling.groups() + " heads with " + still + " elements of a key each");
                dims = change == TensorChange.LATENT_KEYS
                        ? new int[] {tiling.groups(), dims[1], still}
                        : new int[] {tiling.groups(), each - still, dims[1]};
            }
            case TILE, TILE_MINUS_EXP ->
                require(source, rank > 0 && dims[0] % tiling.heads() == 0, tiling.heads() + " heads");
            case TILE_REST -> {
                require(
                        source,
                        rank > 0
                                && dims[0] > tiling.queriesAndKeys()
                                && (dims[0] - tiling.queriesAndKeys()) % tiling.heads() == 0,
                        tiling.queriesAndKeys() + " rows and those of " + tiling.heads() + " heads");
                dims = Arrays.stream(dims).filter(dim -> dim != 1).toArray();
            }
            case TILE_COLUMNS ->
                require(source, rank == 2 && dims[1] % tiling.heads() == 0, "a matrix of " + tiling.heads() + " heads");
            case QUERIES_KEYS_VALUES, GATES -> {
                require(
                        source,
                        rank == 2 && tiling.gates(dims[0]) > 0,
                        "rows of " + tiling.groups() + " heads of keys");
                int gates = tiling.gates(dims[0]);
                dims[0] = change == TensorChange.GATES ? gates : dims[0] - gates;
            }
            case THIRDS ->
                require(source, rank > 0 && heads > 0 && dims[0] % (3 * heads) == 0, heads + " heads of three parts");
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
            case FIRST_COLUMNS, SECOND_COLUMNS -> {
                require(source, rank == 3 && dims[2] % 2 == 0, "an even number of columns for each expert");
                dims[2] /= 2;
                swapLast(dims);
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
                    case NONE, SKIP, UNTIED, SQUEEZE, COLUMN, GROUPS -> bytes;
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
            case THIRDS -> HubRegrouping.thirds(bytes, shape.dim(0), heads, copy);
            case QUERIES_KEYS_VALUES -> new HubRegrouping(bytes, shape.dim(0), tiling).queriesKeysValues(copy);
            case GATES -> new HubRegrouping(bytes, shape.dim(0), tiling).gates(copy);
            case GROUPED -> new HubRegrouping(bytes, shape.dim(0), tiling).ofGroups(copy);
            case GROUPED_QUERIES -> new HubRegrouping(bytes, shape.dim(0), tiling).parts(0, tiling.each(), true, copy);
            case GROUPED_KEYS -> new HubRegrouping(bytes, shape.dim(0), tiling).parts(tiling.each(), 1, true, copy);
            case GROUPED_VALUES ->
                new HubRegrouping(bytes, shape.dim(0), tiling).parts(tiling.each() + 1, 1, false, copy);
            case LATENT_KEYS, LATENT_VALUES -> latents(bytes, shape, copy);
            case TRANSPOSE -> transpose(bytes, shape, 0, shape.columns(), copy);
            case GROUPS_TRANSPOSE ->
                transpose(bytes, Shape.of(heads, shape.dim(0) / heads, shape.dim(1)), 0, shape.columns(), copy);
            case FIRST_COLUMNS -> transpose(bytes, shape, 0, shape.columns() / 2, copy);
            case SECOND_COLUMNS -> transpose(bytes, shape, shape.columns() / 2, shape.columns(), copy);
            case EVEN -> everyOther(bytes, shape, 0, copy);
            case ODD -> everyOther(bytes, shape, 1, copy);
            case MXFP4 -> HubCodes.pack(sources.get(0), sources.get(1), 0, 1, copy);
            case MXFP4_EVEN -> HubCodes.pack(sources.get(0), sources.get(1), 0, 2, copy);
            case MXFP4_ODD -> HubCodes.pack(sources.get(0), sources.get(1), 1, 2, copy);
            case PLUS_ONE -> compute(bytes, shape, copy, w -> w + 1);
            case MINUS_EXP, MINUS_EXP_COLUMN -> compute(bytes, shape, copy, HubTensor::minusExp);
            case TILE -> tile(bytes, shape.dim(0), 0, copy);
            case TILE_REST -> tile(bytes, shape.dim(0), tiling.queriesAndKeys(), copy);
            case TILE_COLUMNS -> {
                long row = bytes.byteSize() / Math.max(1, shape.dim(0));
                for (long at = 0; at < bytes.byteSize(); at += row) {
                    tile(bytes.asSlice(at, row), shape.dim(1), 0, copy.asSlice(at, row));
                }
            }
            case TILE_MINUS_EXP -> {
                MemorySegment ordered = arena.allocate(bytes.byteSize(), ALIGNMENT);
                tile(bytes, shape.dim(0), 0, ordered);
                compute(ordered, shape, copy, HubTensor::minusExp);
            }
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

    private void latents(MemorySegment bytes, Shape shape, MemorySegment copy) {
        long row = bytes.byteSize() / shape.dim(0);
        long head = bytes.byteSize() / tiling.groups();
        long still = tiling.queriesAndKeys() * row;
        for (int h = 0; h < tiling.groups(); h++) {
            if (change == TensorChange.LATENT_KEYS) {
                Shape keys = Shape.of(tiling.queriesAndKeys(), shape.dim(1));
                transpose(bytes.asSlice(h * head, still), keys, 0, shape.dim(1), copy.asSlice(h * still, still));
            } else {
                MemorySegment.copy(bytes, h * head + still, copy, h * (head - still), head - still);
            }
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

    /** The columns in [begin, end) of a matrix, or of those of each expert, become rows. */
    private static void transpose(MemorySegment bytes, Shape shape, int begin, int end, MemorySegment copy) {
        int rank = shape.rank();
        int rows = shape.dim(rank - 2);
        int columns = shape.dim(rank - 1);
        int experts = rank == 2 ? 1 : shape.dim(0);
        long element = bytes.byteSize() / Math.max(1, shape.elements());
        long to = 0;
        for (int expert = 0; expert < experts; expert++) {
            for (int column = begin; column < end; column++) {
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

    private static double minusExp(double w) {
        return -StrictMath.exp(w);
    }

    /** The first rows stay, the others go where GGUF has them. */
    private void tile(MemorySegment bytes, int rows, int first, MemorySegment copy) {
        long rowBytes = bytes.byteSize() / Math.max(1, rows);
        MemorySegment.copy(bytes, 0, copy, 0, first * rowBytes);
        for (int place = 0; place < rows - first; place++) {
            long from = (long) first + tiling.source(place, rows - first);
            MemorySegment.copy(bytes, from * rowBytes, copy, ((long) first + place) * rowBytes, rowBytes);
        }
    }

    private void compute(MemorySegment bytes, Shape shape, MemorySegment copy, DoubleUnaryOperator change) {
        DType dtype = SafetensorsFile.dtype(sources.getFirst().entry());
        float[] values = new MappedTensor(dtype, shape, bytes).toHeap().data();
        for (int i = 0; i < values.length; i++) {
            copy.set(FLOAT, (long) i * Float.BYTES, (float) change.applyAsDouble(values[i]));
        }
    }

    @Override
    public String toString() {
        return name + " of " + sources;
    }
}
