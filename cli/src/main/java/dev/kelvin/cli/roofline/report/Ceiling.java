// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What the machine can do at most of one kind.
 *
 * @param resource of what kind
 * @param level where bytes lie, {@code L1} to {@code memory}; {@code registers} for arithmetic
 * @param bits width of the vectors
 * @param threads at once
 * @param forks the rate in each JVM, 10⁹ a second
 * @param clock of the slowest of these processors meanwhile, GHz: wide vectors may lower it; NaN if unknown
 */
public record Ceiling(Resource resource, String level, int bits, int threads, List<Double> forks, double clock) {
    /** The name of arithmetic's level. */
    public static final String REGISTERS = "registers";

    /** The name of the level that no cache holds. */
    public static final String MEMORY = "memory";

    /** The best rate: a ceiling that something else pressed down would flatter. */
    public double rate() {
        return forks.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
    }

    /** How far the JVMs are apart, as a share of the best; 0 if there was one. */
    public double spread() {
        return 1 - forks.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN) / rate();
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

    /** The same with what other JVMs found, too; of clocks the highest. */
    public Ceiling with(Ceiling other) {
        List<Double> all = new ArrayList<>(forks);
        all.addAll(other.forks);
        double highest = Double.isNaN(clock) || other.clock > clock ? other.clock : clock;
        return new Ceiling(resource, level, bits, threads, List.copyOf(all), highest);
    }

    /** Whether another report's ceiling is of the same kind. */
    public boolean isLike(Ceiling other) {
        return resource == other.resource
                && level.equals(other.level)
                && bits == other.bits
                && threads == other.threads;
    }
}
