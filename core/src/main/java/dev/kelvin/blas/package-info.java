// SPDX-License-Identifier: Apache-2.0
/**
 * The routines of BLAS in single precision, by the names and arguments of {@code dev.ludovic.netlib.blas}.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.blas.BLAS#getInstance()} computes on all processors and stands where
 * netlib's {@code BLAS.getInstance()} stood; {@link dev.kelvin.blas.BLAS#on BLAS.on(compute)} computes on threads of
 * yours.
 */
package dev.kelvin.blas;
