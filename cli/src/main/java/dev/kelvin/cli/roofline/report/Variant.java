// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.List;

/**
 * Some kernels under other options of the JVM.
 *
 * @param name what is varied, to its value
 * @param options of the JVM
 * @param refused why it cannot be measured here; empty if it was
 * @param results of the kernels
 */
public record Variant(String name, List<String> options, String refused, List<Result> results) {}
