// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

/**
 * What was measured, and by what two results are known to be of the same thing.
 *
 * @param by who computed: {@code Kelvin}, or a peer
 * @param family kernels that belong together: {@code gemm}
 * @param name of the kernel
 * @param shape its sizes
 * @param type of the weights, or of all elements
 * @param threads that it may use
 */
public record Subject(String by, String family, String name, String shape, String type, int threads) {
    /** Kelvin's own name. */
    public static final String KELVIN = "Kelvin";

    /** Whether it is Kelvin's. */
    public boolean isKelvin() {
        return by.equals(KELVIN);
    }

    /** The same thing, computed by Kelvin. */
    public Subject byKelvin() {
        return new Subject(KELVIN, family, name, shape, type, threads);
    }

    /** A name for people; the type is left out where it goes without saying. */
    public String title() {
        return (isKelvin() ? "" : by + " ") + name + " " + shape.replace(" ", "×")
                + (type.equals("F32") ? "" : " " + type);
    }
}
