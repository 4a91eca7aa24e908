// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.MatrixLines;
import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.Similarity;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Compares a vector with rows; each worker keeps the nearest of those it has seen, and the caller those of all. */
final class NearestRows implements RangeTask {
    /** Rows that are fetched together where they do not lie in an array. */
    private static final int BLOCK = 16;

    private final Team team;
    private final NearestHeap[] nearest;
    private final MatrixLines[] lines;
    private final byte[][] blocks;
    private Similarity by;
    private float[] query;
    private Matrix rows;
    private byte[] byteQuery;
    private byte[] byteRows;
    private MemorySegment segment;

    NearestRows(Team team) {
        this.team = team;
        nearest = new NearestHeap[team.threads()];
        lines = new MatrixLines[team.threads()];
        blocks = new byte[team.threads()][0];
        for (int i = 0; i < nearest.length; i++) {
            nearest[i] = new NearestHeap();
            lines[i] = new MatrixLines();
        }
    }

    void ofFloats(Similarity by, float[] query, Matrix rows, Neighbours found) {
        if (rows.columns() != query.length) {
            throw new IllegalArgumentException("nearest: query [" + query.length + "] and rows [" + rows.rows() + ", "
                    + rows.columns() + "] must have as many columns");
        }
        team.requireAccess("nearest", "rows", rows);
        this.query = query;
        this.rows = rows;
        search(by, rows.rows(), query.length, found);
    }

    void ofBytes(Similarity by, byte[] query, byte[] rows, Neighbours found) {
        int count = count(by, query.length, rows.length);
        byteQuery = query;
        byteRows = rows;
        search(by, count, query.length, found);
    }

    void ofBytes(Similarity by, byte[] query, MemorySegment rows, Neighbours found) {
        int count = count(by, query.length, rows.byteSize());
        team.requireAccess("nearest", "rows", rows);
        byteQuery = query;
        segment = rows;
        search(by, count, query.length, found);
    }

    private static int count(Similarity by, int columns, long bytes) {
        if (columns == 0 || bytes % columns != 0) {
            throw new IllegalArgumentException(
                    "nearest: " + bytes + " bytes are no rows of " + columns + " columns, as query [" + columns + "]");
        }
        int most = by == Similarity.SQUARED_DISTANCE
                ? VectorKernels.MAX_BYTES_OF_DISTANCE
                : VectorKernels.MAX_BYTES_OF_DOT;
        if (columns > most) {
            throw new IllegalArgumentException(
                    "nearest: an int holds the sum of at most " + most + " bytes, not " + columns);
        }
        if (bytes / columns > HeapTensor.MAX_ELEMENTS) {
            throw new IllegalArgumentException(
                    "nearest: rows are " + bytes / columns + ", more than " + HeapTensor.MAX_ELEMENTS);
        }
        return (int) (bytes / columns);
    }

    private void search(Similarity by, int count, int columns, Neighbours found) {
        try {
            this.by = Objects.requireNonNull(by);
            for (NearestHeap heap : nearest) {
                heap.begin(found.most(), by.largerIsNearer());
            }
            team.run(count, Team.saturatedProduct(columns, Cost.WEIGHT.picos()), BLOCK, this);
            for (int i = 1; i < nearest.length; i++) {
                nearest[0].addAll(nearest[i]);
            }
            nearest[0].drain(found);
        } finally {
            this.by = null;
            query = null;
            rows = null;
            byteQuery = null;
            byteRows = null;
            segment = null;
        }
    }

    @Override
    public void run(int worker, int begin, int end) {
        VectorKernels vectors = team.kernels(worker).vectors();
        NearestHeap heap = nearest[worker];
        if (rows != null) {
            floats(vectors, heap, lines[worker], begin, end);
            lines[worker].clear();
        } else if (byteRows != null) {
            bytes(vectors, heap, byteRows, begin, begin, end);
        } else {
            int columns = byteQuery.length;
            int block = Math.clamp((1 << 16) / columns, 1, end - begin);
            if (blocks[worker].length < block * columns) {
                blocks[worker] = new byte[block * columns];
            }
            for (int i = begin; i < end; i += block) {
                int count = Math.min(block, end - i);
                ElementReader.bytes(segment, (long) i * columns, blocks[worker], count * columns);
                bytes(vectors, heap, blocks[worker], 0, i, i + count);
            }
        }
    }

    private void floats(VectorKernels vectors, NearestHeap heap, MatrixLines lines, int begin, int end) {
        int columns = rows.columns();
        // Columns that lie apart are brought together, even on the heap.
        boolean inPlace = rows.data() != null && (rows.columnStride() == 1 || columns <= 1);
        for (int i = begin; i < end; i += BLOCK) {
            int count = Math.min(BLOCK, end - i);
            long from = rows.offset() + (long) i * rows.rowStride();
            float[] data = rows.data();
            if (!inPlace) {
                data = lines.together(rows, from, count, columns);
            }
            for (int j = 0; j < count; j++) {
                int at = inPlace ? (int) (from + (long) j * rows.rowStride()) : j * columns;
                heap.add(i + j, score(vectors, data, at, columns));
            }
        }
    }

    private float score(VectorKernels vectors, float[] data, int at, int columns) {
        return switch (by) {
            case DOT -> vectors.dot(query, 0, data, at, columns);
            case COSINE -> vectors.cosine(query, 0, data, at, columns);
            case SQUARED_DISTANCE -> vectors.squaredDistance(query, 0, data, at, columns);
        };
    }

    /** Rows [begin, end), of which the first stands as row {@code first} of the array. */
    private void bytes(VectorKernels vectors, NearestHeap heap, byte[] data, int first, int begin, int end) {
        int columns = byteQuery.length;
        int ofQuery = by == Similarity.COSINE ? vectors.dot(byteQuery, 0, byteQuery, 0, columns) : 0;
        for (int i = begin; i < end; i++) {
            int at = (first + i - begin) * columns;
            float score =
                    switch (by) {
                        case DOT -> vectors.dot(byteQuery, 0, data, at, columns);
                        case SQUARED_DISTANCE -> vectors.squaredDistance(byteQuery, 0, data, at, columns);
                        case COSINE -> vectors.cosine(byteQuery, 0, ofQuery, data, at, columns);
                    };
            heap.add(i, score);
        }
    }
}
