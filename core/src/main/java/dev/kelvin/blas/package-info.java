// SPDX-License-Identifier: Apache-2.0
/** The routines of BLAS in single precision, by the names and arguments of {@code dev.ludovic.netlib.blas}. */
package dev.kelvin.blas;
