// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.simd;

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
 * The kernels on lanes. Found reflectively by {@code KernelProvider}, so that core loads where the JVM has no lanes.
 */
public final class SimdKernels implements Kernels {
    private final ProductLanes products = new ProductLanes();
    private final ChainLanes chains = new ChainLanes();
    private final MatrixLanes matrices = new MatrixLanes(this);
    private final VectorLanes vectors = new VectorLanes();
    private final RowLanes rows = new RowLanes();
    private final ElementLanes elements = new ElementLanes();
    private final SoftmaxLanes softmax = new SoftmaxLanes();
    private final AttentionLanes attention = new AttentionLanes(this, softmax);
    private final TrainingLanes training = new TrainingLanes();

    /** Kernels of the width that the JVM has chosen. */
    public SimdKernels() {}

    @Override
    public int vectorBits() {
        return Lanes.F.vectorBitSize();
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
