// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

/**
 * How was measured.
 *
 * @param time when it began, ISO 8601 in UTC
 * @param program the version of Kelvin
 * @param mode {@code quick} or {@code full}
 * @param seconds that it took
 */
public record Run(String time, String program, String mode, double seconds) {}
