// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

/**
 * What becomes of a row that the model cannot take: its text is longer than the model's context, or empty where there
 * must be one, or its key is null. What is nobody's row's fault, such as a model that cannot be read, ends the task in
 * any case.
 */
public enum ErrorPolicy {
    /** The task fails, and with it, after as many attempts as Spark makes, the job. */
    FAIL,
    /** The row's column is null, and another one, called like it with {@code _error} behind, says why. */
    COLUMN
}
