// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.peer;

/** What is computed: operands in arrays of the heap, row-major and without gaps, and an array for the answer. */
public sealed interface Problem {
    /** The kernel that it stands beside: {@code gemm}. */
    String name();

    /** Its sizes, as the files of {@code shapes} write them. */
    String shape();

    /**
     * Y = X·Wᵀ: y[m, n] = Σₖ x[m, k]·w[n, k], w being weights that are multiplied with again and again.
     *
     * @param m rows of x and y
     * @param k columns of x and w
     * @param n rows of w, columns of y
     * @param x [M, K]
     * @param w [N, K]
     * @param y [M, N]
     */
    record Product(int m, int k, int n, float[] x, float[] w, float[] y) implements Problem {
        @Override
        public String name() {
            return m == 1 ? "gemv" : "gemm";
        }

        @Override
        public String shape() {
            return m + " " + k + " " + n;
        }
    }

    /**
     * Sums of products of pairs of vectors: y[r] = Σᵢ a[r, i]·b[r, i].
     *
     * @param rows R, how many pairs
     * @param length elements of a vector
     * @param a [R, length]
     * @param b [R, length]
     * @param y [R]
     */
    record Dots(int rows, int length, float[] a, float[] b, float[] y) implements Problem {
        @Override
        public String name() {
            return "dot";
        }

        @Override
        public String shape() {
            return Integer.toString(length);
        }
    }

    /**
     * Softmax of rows at temperature 1: p_i = exp(z_i − max z)/Σ exp(z_j − max z).
     *
     * @param rows B
     * @param columns V
     * @param logits [B, V]
     * @param probs [B, V]
     */
    record Softmax(int rows, int columns, float[] logits, float[] probs) implements Problem {
        @Override
        public String name() {
            return "softmax";
        }

        @Override
        public String shape() {
            return rows + " " + columns;
        }
    }
}
