// SPDX-License-Identifier: Apache-2.0
/**
 * Benchmarks of the public operations, each beside the ceiling of the machine measured in the same run, and the writer
 * of synthetic models.
 */
package dev.kelvin.bench;
