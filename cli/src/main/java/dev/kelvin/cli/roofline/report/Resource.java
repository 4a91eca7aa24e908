// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.Locale;

/** What of a machine is limited. */
public enum Resource {
    /** Fused multiply-adds of f32, two operations each. */
    FMA("f32 multiply-add"),
    /** Multiplications and additions of 16-bit integers, an operation each. */
    INTEGER("16-bit multiply, add"),
    /** Bytes read. */
    READ("read"),
    /** Bytes read and as many written elsewhere, both counted. */
    COPY("copy"),
    /** Bytes written. */
    WRITE("write");

    private final String title;

    Resource(String title) {
        this.title = title;
    }

    /** Its name for people. */
    public String title() {
        return title;
    }

    /** Whether it is counted in operations; in bytes if not. */
    public boolean isArithmetic() {
        return this == FMA || this == INTEGER;
    }

    /** The unit of its rate. */
    public String unit() {
        return switch (this) {
            case FMA -> "GFLOP/s";
            case INTEGER -> "GOP/s";
            default -> "GB/s";
        };
    }

    /** Its name in a file. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The resource of a name in a file.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Resource of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
