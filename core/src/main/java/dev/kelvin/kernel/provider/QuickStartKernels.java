// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.provider;

import dev.kelvin.kernel.AttentionKernels;
import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.ElementKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.MatrixKernels;
import dev.kelvin.kernel.ProductKernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.kernel.RowKernels;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.TrainingKernels;
import dev.kelvin.kernel.VectorKernels;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;

/**
 * Kernels for one thread that do a short first piece of work in plain loops and all the rest on lanes. Both give the
 * same bits, so only the clock can tell who did what.
 *
 * <p>Lanes run in the interpreter until they are compiled, each kind of work on its own. Plain loops have answered a
 * short prompt to a small model by then. Where the first product shows that there is more to do, products begin on
 * lanes; whatever lies between them stays with plain loops for longer, since compiling it costs as much and gains a
 * hundredth. Of a long prompt it is more than that, and begins on lanes too.
 *
 * <p>Products are those with frozen weights. Their work is a multiply-add of each weight with each row, and
 * {@value #DECODE} more for decoding the weight.
 */
public final class QuickStartKernels implements Kernels {
    /** What it costs plain loops to decode a weight, in multiply-adds. */
    private static final int DECODE = 8;

    /** A first product of more work begins on lanes: of 42 rows at 768 x 768 weights, of none at 2048 x 2048. */
    static final long LARGE = Cost.FIRST_PRODUCT.picos() / Cost.PLAIN_MULTIPLY_ADD.picos();

    /** The work of a thread after which lanes take its products over: about half a second. */
    static final long ENOUGH = Cost.COMPILATION.picos() / Cost.PLAIN_MULTIPLY_ADD.picos();

    /** A first product of more rows leaves what is not a product to lanes at once. */
    static final int MANY_ROWS = 64;

    /** The outputs of a thread's products after which lanes take over what is not a product: about half a second. */
    static final long ENOUGH_OUTPUTS = Cost.COMPILATION.picos() / Cost.PLAIN_OUTPUT.picos();

    private final Kernels lanes;
    private final Products products = new Products();

    /** Who multiplies with frozen weights. */
    private Kernels multiplier;

    /** Who does what is no product. */
    private Kernels others;

    private long work;
    private long outputs;
    private boolean done;

    /**
     * Kernels made of two.
     *
     * @param plain those that are fast at once
     * @param lanes those that are faster once they are compiled
     */
    public QuickStartKernels(Kernels plain, Kernels lanes) {
        this.lanes = lanes;
        multiplier = plain;
        others = plain;
    }

    /** What to multiply a range of the rows of w with. */
    private ProductKernels multiplier(int rows, Tensor w, int rowBegin, int rowEnd) {
        if (!done) {
            long each = (long) w.columns() * (DECODE + rows);
            boolean first = work == 0;
            if (work > ENOUGH || (first && each * w.rows() > LARGE)) {
                multiplier = lanes;
            }
            if (outputs > ENOUGH_OUTPUTS || (first && rows > MANY_ROWS)) {
                others = lanes;
            }
            done = work > ENOUGH && outputs > ENOUGH_OUTPUTS;
            work += each * (rowEnd - rowBegin);
            outputs += (long) rows * (rowEnd - rowBegin);
        }
        return multiplier.products();
    }

    @Override
    public int vectorBits() {
        return lanes.vectorBits();
    }

    @Override
    public ProductKernels products() {
        return products;
    }

    @Override
    public ChainKernels chains() {
        return others.chains();
    }

    @Override
    public MatrixKernels matrices() {
        return others.matrices();
    }

    @Override
    public VectorKernels vectors() {
        return others.vectors();
    }

    @Override
    public RowKernels rows() {
        return others.rows();
    }

    @Override
    public ElementKernels elements() {
        return others.elements();
    }

    @Override
    public SoftmaxKernels softmax() {
        return others.softmax();
    }

    @Override
    public AttentionKernels attention() {
        return others.attention();
    }

    @Override
    public TrainingKernels training() {
        return lanes.training();
    }

    /** Looks at each product with frozen weights before it is passed on. */
    private final class Products implements ProductKernels {
        @Override
        public void gemm(HeapTensor x, HeapTensor w, HeapTensor y, int rowBegin, int rowEnd) {
            multiplier.products().gemm(x, w, y, rowBegin, rowEnd);
        }

        @Override
        public void gemm(HeapTensor x, MappedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
            multiplier(x.rows(), w, rowBegin, rowEnd).gemm(x, w, y, rowBegin, rowEnd);
        }

        @Override
        public void quantize(HeapTensor x, QuantizedRows to, int rowBegin, int rowEnd) {
            others.products().quantize(x, to, rowBegin, rowEnd);
        }

        @Override
        public void gemm(QuantizedRows x, PackedTensor w, HeapTensor y, int rowBegin, int rowEnd) {
            multiplier(x.rows(), w, rowBegin, rowEnd).gemm(x, w, y, rowBegin, rowEnd);
        }
    }
}
