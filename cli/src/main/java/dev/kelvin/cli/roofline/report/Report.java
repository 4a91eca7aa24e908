// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.List;
import java.util.Optional;

/**
 * What {@code kelvin roofline} found out.
 *
 * @param run how was measured
 * @param environment where
 * @param noise whether it can be believed
 * @param ceilings what the machine can do at most
 * @param results what kernels, Kelvin's and others', took
 * @param sweep the same with other options of the JVM; empty if none was asked for
 */
public record Report(
        Run run,
        Environment environment,
        Noise noise,
        List<Ceiling> ceilings,
        List<Result> results,
        List<Variant> sweep) {
    /** The families of kernels in the order in which they were measured. */
    public List<String> families() {
        return results.stream()
                .map(result -> result.subject().family())
                .distinct()
                .toList();
    }

    /** The result of a subject. */
    public Optional<Result> find(Subject subject) {
        return results.stream()
                .filter(result -> result.subject().equals(subject))
                .findFirst();
    }

    /** The numbers of threads that kernels ran on, ascending. */
    public List<Integer> threads() {
        return results.stream()
                .map(result -> result.subject().threads())
                .distinct()
                .sorted()
                .toList();
    }
}
