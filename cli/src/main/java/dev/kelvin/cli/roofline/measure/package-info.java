// SPDX-License-Identifier: Apache-2.0
/**
 * How {@code kelvin roofline} measures.
 *
 * <p>{@link dev.kelvin.cli.roofline.measure.Survey} starts JVMs, several for each family of kernels, since the same
 * code settles in fast and slow shapes. Each runs {@link dev.kelvin.cli.roofline.measure.Fork}, which measures the
 * {@link dev.kelvin.cli.roofline.measure.Case}s of one family that {@link dev.kelvin.cli.roofline.measure.Catalogue}
 * lists, and says what it found in lines of JSON on its standard output. No parameter is null.
 */
package dev.kelvin.cli.roofline.measure;
