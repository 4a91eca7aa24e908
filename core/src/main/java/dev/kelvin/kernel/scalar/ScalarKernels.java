// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.scalar;

import dev.kelvin.kernel.AttentionKernels;
import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.MatrixKernels;
import dev.kelvin.kernel.ProductKernels;
import dev.kelvin.kernel.RowKernels;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.TrainingKernels;
import dev.kelvin.kernel.VectorKernels;

/**
 * The specification of the kernels: plain loops that fix the order of every floating-point operation, a class a family.
 * They also serve where there are no lanes.
 *
 * <p>Java evaluates floats strictly, {@link Math#fma} is exact by definition, and nothing here calls a function that a
 * platform may approximate in its own way.
 */
public final class ScalarKernels implements Kernels {
    private final ScalarRows rows = new ScalarRows();
    private final ScalarProducts products = new ScalarProducts(rows);
    private final ScalarChains chains = new ScalarChains();
    private final ScalarMatrices matrices = new ScalarMatrices(this);
    private final ScalarVectors vectors = new ScalarVectors();
    private final ScalarElements elements = new ScalarElements();
    private final ScalarSoftmax softmax = new ScalarSoftmax();
    private final ScalarAttention attention = new ScalarAttention(this);
    private final ScalarTraining training = new ScalarTraining();

    /** Kernels of plain loops. */
    public ScalarKernels() {}

    @Override
    public int vectorBits() {
        return 0;
    }

    @Override
    public ProductKernels products() {
        return products;
    }

    @Override
    public ChainKernels chains() {
        return chains;
    }

    @Override
    public MatrixKernels matrices() {
        return matrices;
    }

    @Override
    public VectorKernels vectors() {
        return vectors;
    }

    @Override
    public RowKernels rows() {
        return rows;
    }

    @Override
    public ElementKernels elements() {
        return elements;
    }

    @Override
    public SoftmaxKernels softmax() {
        return softmax;
    }

    @Override
    public AttentionKernels attention() {
        return attention;
    }

    @Override
    public TrainingKernels training() {
        return training;
    }
}
