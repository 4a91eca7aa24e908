// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.List;
import java.util.Map;

/**
 * Where was measured.
 *
 * @param facts what is known, by its name, in the order in which it is shown
 * @param caches those that hold data, the smallest first
 * @param memoryBytes of the machine, or of the container if it has less
 * @param processors that may be used
 * @param laneBits the width of Kelvin's lanes; 0 for plain loops
 */
public record Environment(
        Map<String, String> facts, List<Cache> caches, long memoryBytes, int processors, int laneBits) {
    /** A fact, or {@code unknown}. */
    public String fact(String name) {
        return facts.getOrDefault(name, "unknown");
    }
}
