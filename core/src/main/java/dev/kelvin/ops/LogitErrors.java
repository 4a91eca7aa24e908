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
            float x = data[begin + i];
            if (Float.isNaN(x) || x == Float.POSITIVE_INFINITY) {
                if (count == 0) {
                    first = i;
                }
                count++;
            }
        }
        String subject = operation + ": " + name;
        if (columns == 0) {
            return new IllegalArgumentException(subject + " has no candidate: it is empty");
        }
        if (count == 0) {
            return new IllegalArgumentException(
                    subject + " has no candidate left: from index 0 on all " + columns + " are -inf");
        }
        String what = Float.isNaN(data[begin + first]) ? "NaN" : "+inf";
        return new IllegalArgumentException(subject + " has " + what + " at index " + first + " (" + count + " of "
                + columns + " are NaN or +inf)");
    }
}
