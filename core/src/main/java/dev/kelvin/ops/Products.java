// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.MatrixBatch;
import dev.kelvin.operand.Triangle;

/**
 * Products of matrices in any form. How a factor is stored is said by its {@link Matrix}: transposed, as part of a
 * larger matrix, with any strides, on the heap or off it, of F32, F16 or BF16 (factors also of I8). A vector is a matrix with one column, or
 * one row, and so y = α·A·x + β·y is {@link #gemm} too, and the rank-one update A += α·x·yᵀ as well.
 *
 * <p>Each element is f(t + bias) + residual with t = α·s + β·c, s = Σₖ a[m, k]·b[k, n]. The sum has one canonical
 * order: 16 lanes, lane l takes k ≡ l (mod 16), ascending, by fused multiply-add, folded by halves; that of
 * {@link Compute#matmul}. What follows is rounded step by step: α·s, fma(β, c, ·), the bias, f, the residual; where α =
 * 1, β = 1 or a part is missing that step is exact, a plain sum, or not there. So an element is the same bits whatever
 * the strides, the storage and the other elements, and with the same values in all four transpositions.
 *
 * <p>Error of t: at most γ·(|α|·Σₖ|a·b| + |β·c|) with γ = (K/16 + 7)·2⁻²⁴, up to terms of second order. Results of type
 * F16 or BF16 are rounded once more, to nearest, ties to even.
 *
 * <p>With β = 0 what c holds is not read; with α = 0 neither is what a and b hold. A result may overlap no operand but
 * where both are parts of the columns of one matrix, and none of its elements may lie where another does.
 */
public final class Products {
    private final Team team;
    private final GemmTask gemm;
    private final ByteProducts bytes;

    Products(Team team) {
        this.team = team;
        gemm = new GemmTask(team);
        bytes = new ByteProducts(team);
    }

    /**
     * C = A·B.
     *
     * @param a [M, K]
     * @param b [K, N]
     * @param c [M, N]
     */
    public void gemm(Matrix a, Matrix b, Matrix c) {
        try (Team.Call _ = team.begin()) {
            gemm.one(1, a, b, 0, c, Epilogue.NONE);
        }
    }

    /**
     * C = α·A·B + β·C.
     *
     * @param alpha α
     * @param a [M, K]
     * @param b [K, N]
     * @param beta β
     * @param c [M, N]
     */
    public void gemm(float alpha, Matrix a, Matrix b, float beta, Matrix c) {
        try (Team.Call _ = team.begin()) {
            gemm.one(alpha, a, b, beta, c, Epilogue.NONE);
        }
    }

    /**
     * C = f(α·A·B + β·C + bias) + residual.
     *
     * @param alpha α
     * @param a [M, K]
     * @param b [K, N]
     * @param beta β
     * @param c [M, N]
     * @param epilogue with a bias [N] and a residual [M, N], each if there is one; the residual may be {@code c} itself
     */
    public void gemm(float alpha, Matrix a, Matrix b, float beta, Matrix c, Epilogue epilogue) {
        try (Team.Call _ = team.begin()) {
            gemm.one(alpha, a, b, beta, c, epilogue);
        }
    }

    /**
     * C[i] = α·A[i]·B[i] + β·C[i] for each i of a batch.
     *
     * @param alpha α
     * @param a of matrices [M, K]
     * @param b of matrices [K, N]
     * @param beta β
     * @param c of as many matrices [M, N], which do not overlap each other
     */
    public void gemm(float alpha, MatrixBatch a, MatrixBatch b, float beta, MatrixBatch c) {
        try (Team.Call _ = team.begin()) {
            gemm.batch(alpha, a, b, beta, c);
        }
    }

    /**
     * C = A·B of bytes, exact.
     *
     * @param a [M, K] of type I8, K at most 131071
     * @param b [K, N] of type I8
     * @param c receives [M, N]
     * @param cOffset element (0, 0)
     * @param cStride from a row to the next, at least N
     */
    public void gemm(Matrix a, Matrix b, int[] c, int cOffset, int cStride) {
        try (Team.Call _ = team.begin()) {
            bytes.exact(a, b, c, cOffset, cStride);
        }
    }

    /**
     * c[m, n] = s·(aScales[m]·bScales[n]), s = Σₖ a[m, k]·b[k, n] of bytes: s is exact, then rounded to a float; each
     * product is rounded. The relative error is at most 3·2⁻²⁴, up to terms of second order.
     *
     * @param a [M, K] of type I8, K at most 131071
     * @param aScales [M]
     * @param b [K, N] of type I8
     * @param bScales [N]
     * @param c [M, N]
     */
    public void gemm(Matrix a, float[] aScales, Matrix b, float[] bScales, Matrix c) {
        try (Team.Call _ = team.begin()) {
            bytes.scaled(a, aScales, b, bScales, c);
        }
    }

    /**
     * C = α·A·Aᵀ + β·C, of which only a triangle is computed; the elements beyond it are neither read nor written.
     *
     * @param triangle the elements that are computed, the same bits as of {@link #gemm}
     * @param alpha α
     * @param a [N, K]
     * @param beta β
     * @param c [N, N]
     */
    public void syrk(Triangle triangle, float alpha, Matrix a, float beta, Matrix c) {
        try (Team.Call _ = team.begin()) {
            gemm.symmetric(triangle, alpha, a, beta, c);
        }
    }
}
