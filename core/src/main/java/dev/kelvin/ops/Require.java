// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;

/** What operations demand of their parameters; each refusal names the operation, the parameters and both shapes. */
@SuppressWarnings("ReferenceEquality") // Whether two tensors lie in one array is a question of identity.
final class Require {
    private Require() {}

    static void sameShape(String operation, String aName, HeapTensor a, String bName, HeapTensor b) {
        if (!a.shape().equals(b.shape())) {
            throw mismatch(operation, "the same shape", aName, a, bName, b);
        }
    }

    static void sameRows(String operation, String aName, Tensor a, String bName, Tensor b) {
        if (a.rows() != b.rows()) {
            throw mismatch(operation, "as many rows", aName, a, bName, b);
        }
    }

    static void sameColumns(String operation, String aName, Tensor a, String bName, Tensor b) {
        if (a.columns() != b.columns()) {
            throw mismatch(operation, "as many columns", aName, a, bName, b);
        }
    }

    /** Demands rows and columns that a tensor on the heap may have: loops count no more. */
    static void countable(String operation, String name, Tensor tensor) {
        if (Math.max(tensor.rows(), tensor.columns()) > HeapTensor.MAX_ELEMENTS) {
            throw new IllegalArgumentException(operation + ": " + name + " " + tensor.shape()
                    + " has more rows or columns than " + HeapTensor.MAX_ELEMENTS);
        }
    }

    static IllegalArgumentException mismatch(
            String operation, String demand, String aName, Tensor a, String bName, Tensor b) {
        return new IllegalArgumentException(operation + ": " + aName + " " + a.shape() + " and " + bName + " "
                + b.shape() + " must have " + demand);
    }

    static void oneRow(String operation, String name, HeapTensor row) {
        if (row.shape().elements() != row.columns()) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " must be one row, [V] or [1, V], but is " + row.shape());
        }
    }

    /** Demands that two tensors share no element; an empty tensor shares none. */
    static void disjoint(String operation, String aName, HeapTensor a, String bName, HeapTensor b) {
        if (a.data() == b.data()
                && overlap(
                        a.offset(), a.shape().elements(), b.offset(), b.shape().elements())) {
            throw overlapping(operation, aName, a, bName, b);
        }
    }

    /** Demands that two tensors of the same shape share either no element or all of them, each in its place. */
    static void sameOrDisjoint(String operation, String aName, HeapTensor a, String bName, HeapTensor b) {
        if (a.data() == b.data() && a.offset() != b.offset()) {
            disjoint(operation, aName, a, bName, b);
        }
    }

    /** Demands that a tensor lies outside an array altogether. */
    static void outside(String operation, String name, HeapTensor a, String arrayName, float[] array) {
        if (a.data() == array) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " " + a.shape() + " must not lie in the array of " + arrayName);
        }
    }

    private static IllegalArgumentException overlapping(
            String operation, String aName, HeapTensor a, String bName, HeapTensor b) {
        return new IllegalArgumentException(operation + ": " + aName + " " + a.shape() + " at offset " + a.offset()
                + " must not overlap " + bName + " " + b.shape() + " at offset " + b.offset() + " of the same array");
    }

    private static boolean overlap(long aOffset, long aLength, long bOffset, long bLength) {
        return Math.max(aOffset, bOffset) < Math.min(aOffset + aLength, bOffset + bLength);
    }
}
