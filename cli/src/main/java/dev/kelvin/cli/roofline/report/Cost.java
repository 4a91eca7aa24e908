// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

/**
 * What a call has to do at least.
 *
 * @param operations arithmetic operations, a multiply-add being two
 * @param bytes read and written, each operand once
 * @param workingSet bytes that calls which follow each other touch; where they fit tells which ceiling they meet
 * @param arithmetic what the operations need
 * @param traffic what the bytes need
 */
public record Cost(double operations, double bytes, long workingSet, Resource arithmetic, Resource traffic) {
    /** Operations a byte. */
    public double intensity() {
        return operations / bytes;
    }
}
