// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel;

/**
 * Products of matrices in any form: strided, transposed, of several element types, scaled and with an epilogue. Plain
 * loops: {@code ScalarMatrices}.
 */
public interface MatrixKernels {
    /**
     * Some rows and columns of c = f(α·Σₖ a[m, k]·b[k, n] + β·c + bias) + residual.
     *
     * @param call the operands
     * @param item which of the products of a batch
     * @param rowBegin the first row of c
     * @param rowEnd the row after the last
     * @param columnBegin the first column
     * @param columnEnd the column after the last
     */
    void gemm(GemmCall call, int item, int rowBegin, int rowEnd, int columnBegin, int columnEnd);
}
