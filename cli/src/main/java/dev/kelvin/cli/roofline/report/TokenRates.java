// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import dev.kelvin.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * The tokens a second that memory allows: a token of generation reads each weight once, so no engine generates faster
 * than memory is read, and Kelvin's product of one row tells how much of that it reaches.
 */
final class TokenRates {
    /** Parameters of models that people run, in 10⁹. */
    static final double[] BILLIONS = {0.5, 1.1, 3, 8, 14, 32, 70};

    /** The types of weights that Kelvin multiplies with without decoding them first. */
    static final List<DType> TYPES = List.of(DType.F16, DType.Q8_0, DType.Q6_K, DType.Q5_K, DType.Q4_K, DType.Q4_0);

    /** A number of elements that is whole in blocks of every type. */
    private static final int BLOCKS = 1024;

    private final Report report;
    private final Optional<Ceiling> memory;

    TokenRates(Report report) {
        this.report = report;
        int threads =
                report.ceilings().stream().mapToInt(Ceiling::threads).max().orElse(1);
        memory = new Roof(report).traffic(Resource.READ, Ceiling.MEMORY, threads);
    }

    /** Bytes that so many weights take. */
    static double bytes(DType type, double billions) {
        return billions * 1e9 * type.byteSize(BLOCKS) / BLOCKS;
    }

    /** Tokens a second at the rate of memory; empty if that was not measured, or the weights do not fit. */
    Optional<Double> allowed(DType type, double billions) {
        double bytes = bytes(type, billions);
        return bytes > report.environment().memoryBytes()
                ? Optional.empty()
                : memory.map(ceiling -> ceiling.rate() * 1e9 / bytes);
    }

    /** Which part of the rate of memory Kelvin's product of one row reaches, in the best case that was measured. */
    Optional<Double> reached(DType type) {
        return memory.flatMap(ceiling -> report.results().stream()
                .filter(result -> result.subject().isKelvin()
                        && result.subject().name().equals("gemv")
                        && result.subject().type().equals(type.name())
                        && result.subject().threads() == ceiling.threads()
                        && !result.doubtful())
                .map(result -> result.byteRate() / ceiling.rate())
                .max(Double::compare));
    }
}
