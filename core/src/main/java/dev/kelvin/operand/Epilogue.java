// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.operand;

import dev.kelvin.tensor.HeapTensor;

/**
 * What is done to the elements of a product before they are stored: f(t + bias) + residual, each part of which may be
 * missing. Immutable.
 *
 * @param bias [N], added to each row; null for none
 * @param activation f; null for none
 * @param residual of the extents of the product, added last; null for none
 */
public record Epilogue(HeapTensor bias, Activation activation, Matrix residual) {
    /** Nothing. */
    public static final Epilogue NONE = new Epilogue(null, null, null);

    /** This with a bias [N]. */
    public Epilogue withBias(HeapTensor bias) {
        return new Epilogue(bias, activation, residual);
    }

    /** This with a function. */
    public Epilogue withActivation(Activation activation) {
        return new Epilogue(bias, activation, residual);
    }

    /** This with what is added last. */
    public Epilogue withResidual(Matrix residual) {
        return new Epilogue(bias, activation, residual);
    }
}
