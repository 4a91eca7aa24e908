// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.tensor.HeapTensor;

/**
 * Which logits cannot become probabilities, and what is said about them. A NaN or an infinity never becomes a token.
 */
final class LogitErrors {
    private LogitErrors() {}

    /**
     * Whether a row with this maximum is sound. One look at the maximum is enough: it is NaN if any logit is, +inf if
     * one is, and -inf if no candidate is left.
     */
    static boolean hasFiniteMaximum(float max) {
        return Float.isFinite(max);
    }

    /**
     * Says what is wrong with a row: the first index and the count.
     *
     * @param name what the message calls the row
     */
    static IllegalArgumentException of(String operation, String name, HeapTensor logits, int row) {
        int columns = logits.columns();
        int begin = logits.offset() + row * columns;
        float[] data = logits.data();
        int first = -1;
        int count = 0;
        for (int i = 0; i < columns; i++) {
            if (isFault(data[begin + i])) {
                if (count == 0) {
                    first = i;
                }
                count++;
            }
        }
        if (columns == 0) {
            return new IllegalArgumentException(operation + ": " + name + " has no candidate: it is empty");
        }
        return of(operation, name, count == 0 ? Float.NEGATIVE_INFINITY : data[begin + first], first, count, columns);
    }

    /** Whether a logit makes its row one that has no distribution. */
    static boolean isFault(float logit) {
        return !(logit < Float.POSITIVE_INFINITY);
    }

    /**
     * Says what is wrong with a row of which the first fault and their number are known; none means that all is -inf.
     *
     * @param name what the message calls the row
     * @param value the first logit at fault
     */
    static IllegalArgumentException of(String operation, String name, float value, int first, int count, int columns) {
        String subject = operation + ": " + name;
        if (count == 0) {
            return new IllegalArgumentException(
                    subject + " has no candidate left: from index 0 on all " + columns + " are -inf");
        }
        String what = Float.isNaN(value) ? "NaN" : "+inf";
        return new IllegalArgumentException(subject + " has " + what + " at index " + first + " (" + count + " of "
                + columns + " are NaN or +inf)");
    }
}
