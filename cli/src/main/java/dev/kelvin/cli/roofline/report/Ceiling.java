// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.List;

/**
 * What the machine can do at most of one kind.
 *
 * @param resource of what kind
 * @param level where bytes lie, {@code L1} to {@code memory}; {@code registers} for arithmetic
 * @param bits width of the vectors
 * @param threads at once
 * @param forks the rate in each JVM, 10⁹ a second
 */
public record Ceiling(Resource resource, String level, int bits, int threads, List<Double> forks) {
    /** The name of arithmetic's level. */
    public static final String REGISTERS = "registers";

    /** The name of the level that no cache holds. */
    public static final String MEMORY = "memory";

    /** The best rate: a ceiling that something else pressed down would flatter. */
    public double rate() {
        return forks.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }

    /** Its name in plots and tables: {@code memory read}. */
    public String title() {
        return resource.isArithmetic() ? resource.title() + " " + bits + " bits" : level + " " + resource.title();
    }

    /** Its name where there is little room: {@code f32 peak}. */
    public String shortTitle() {
        return switch (resource) {
            case FMA -> "f32 peak";
            case INTEGER -> "int16 peak";
            default -> level + " " + resource.title();
        };
    }

    /** Whether another report's ceiling is of the same kind. */
    public boolean isLike(Ceiling other) {
        return resource == other.resource
                && level.equals(other.level)
                && bits == other.bits
                && threads == other.threads;
    }
}
