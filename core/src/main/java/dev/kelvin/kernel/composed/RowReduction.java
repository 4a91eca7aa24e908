// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.operand.Activation;

/**
 * One number of a row, in terms of kernels whose order is fixed elsewhere. Sums go in blocks of {@value #BLOCK}
 * elements, each over 64 lanes of floats as {@code ScalarVectors} has them, added in double ascending and rounded once:
 * the error is at most (log₂ 64 + {@value #BLOCK}/64)·2⁻²⁴·Σ|term|, whatever the length. An instance belongs to one
 * thread.
 */
public final class RowReduction {
    private static final int BLOCK = 1024;

    private final Kernels kernels;
    private final SoftmaxRow softmax;
    private final float[] scratch = new float[BLOCK];

    /**
     * Reductions computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public RowReduction(Kernels kernels) {
        this.kernels = kernels;
        softmax = new SoftmaxRow(kernels);
    }

    /** Σx. */
    public double sum(float[] x, int offset, int length) {
        double sum = 0;
        for (int i = 0; i < length; i += BLOCK) {
            sum += kernels.vectors().sum(x, offset + i, Math.min(BLOCK, length - i));
        }
        return sum;
    }

    /** Σ|x|. */
    public double absoluteSum(float[] x, int offset, int length) {
        double sum = 0;
        for (int i = 0; i < length; i += BLOCK) {
            sum += kernels.vectors().absoluteSum(x, offset + i, Math.min(BLOCK, length - i));
        }
        return sum;
    }

    /** √Σx². Elements are scaled by a power of two that keeps their squares within the range of a float. */
    public double length(float[] x, int offset, int length) {
        return Math.sqrt(squares(x, offset, length, 0, largest(x, offset, length)));
    }

    /**
     * Σ(x − mean)² with the mean of the row, which is taken twice, so that what all elements have in common does not
     * count.
     */
    public double deviations(float[] x, int offset, int length) {
        float mean = (float) (sum(x, offset, length) / length);
        float largest = Math.max(Math.abs(mean), largest(x, offset, length));
        return squares(x, offset, length, mean, largest);
    }

    private double squares(float[] x, int offset, int length, float mean, float largest) {
        if (!(largest > 0 && largest < Float.POSITIVE_INFINITY)) {
            return mean == 0 ? largest * largest : Double.NaN;
        }
        int exponent = Math.clamp(-Math.getExponent(largest) - 1, -126, 126);
        float factor = Math.scalb(1f, exponent);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            kernels.elements().affine(x, offset + i, scratch, 0, count, factor, -mean * factor);
            squares += kernels.vectors().dot(scratch, 0, scratch, 0, count);
            sum += kernels.vectors().sum(scratch, 0, count);
        }
        double about = mean == 0 ? squares : Math.max(0, squares - sum * sum / length);
        return Math.scalb(about, -2 * exponent);
    }

    /** The largest |x|; NaN if any is NaN, 0 if there is none. */
    public float largest(float[] x, int offset, int length) {
        float largest = 0;
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            kernels.elements().activate(Activation.ABS, x, offset + i, scratch, 0, count);
            largest = Math.max(largest, kernels.rows().max(scratch, 0, count));
        }
        return largest;
    }

    /** The largest element; NaN if any is NaN, −∞ if there is none. */
    public float max(float[] x, int offset, int length) {
        return softmax.max(x, offset, length);
    }

    /** The smallest element; NaN if any is NaN, +∞ if there is none. */
    public float min(float[] x, int offset, int length) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            kernels.elements().scale(x, offset + i, scratch, 0, count, -1);
            max = Math.max(max, kernels.rows().max(scratch, 0, count));
        }
        return -max;
    }

    /** log Σ exp(x); −∞ of nothing and of −∞ alone, else NaN or +∞ where the maximum is. */
    public float logSumExp(float[] x, int offset, int length) {
        float max = softmax.max(x, offset, length);
        if (!Float.isFinite(max)) {
            return max;
        }
        softmax.sum(x, offset, length, SoftmaxScale.ONE);
        return (float) (softmax.logSum(SoftmaxScale.ONE) + max);
    }

    /**
     * The first or last index of a value that is there.
     *
     * @param value an element of the row, or NaN if one is
     */
    public int indexOf(float[] x, int offset, int length, float value, boolean last) {
        if (!last && !Float.isNaN(value)) {
            return kernels.rows().indexOf(x, offset, length, value);
        }
        int found = -1;
        for (int i = 0; i < length && (last || found < 0); i++) {
            float element = x[offset + i];
            if (element == value || (Float.isNaN(element) && Float.isNaN(value))) {
                found = i;
            }
        }
        return found;
    }
}
