// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.Similarity;
import java.lang.foreign.MemorySegment;

/**
 * The rows of a matrix that are nearest to a vector: all of them are compared, so the result is exact. Scores are the
 * bits of {@link Vectors#dot}, {@link Vectors#cosine} and {@link Vectors#squaredDistance}. Rows with equal scores are
 * ordered by their index, lowest first; a row whose score is NaN is no neighbour. So the result is one for any number
 * of threads.
 */
public final class Search {
    private final Team team;
    private final NearestRows nearest;

    Search(Team team) {
        this.team = team;
        nearest = new NearestRows(team);
    }

    /**
     * The nearest rows of floats.
     *
     * @param by what is compared
     * @param query [D]
     * @param rows [N, D] of F32, F16 or BF16, on the heap or off it; off the heap, fastest if columns lie side by side
     * @param found receives as many as it has room for, nearest first
     */
    public void nearest(Similarity by, float[] query, Matrix rows, Neighbours found) {
        try (Team.Call _ = team.begin()) {
            nearest.ofFloats(by, query, rows, found);
        }
    }

    /**
     * The nearest rows of bytes; sums are exact, and rounded once to a score.
     *
     * @param by what is compared
     * @param query [D]
     * @param rows [N, D], row by row
     * @param found receives as many as it has room for, nearest first
     */
    public void nearest(Similarity by, byte[] query, byte[] rows, Neighbours found) {
        try (Team.Call _ = team.begin()) {
            nearest.ofBytes(by, query, rows, found);
        }
    }

    /**
     * The same with rows in a memory segment.
     *
     * @param by what is compared
     * @param query [D]
     * @param rows [N, D], row by row, of any kind of segment
     * @param found receives as many as it has room for, nearest first
     */
    public void nearest(Similarity by, byte[] query, MemorySegment rows, Neighbours found) {
        try (Team.Call _ = team.begin()) {
            nearest.ofBytes(by, query, rows, found);
        }
    }
}
