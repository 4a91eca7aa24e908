// SPDX-License-Identifier: Apache-2.0
/**
 * Other libraries, as {@code kelvin roofline} measures them beside Kelvin: a class each
 * ({@code docs/howto/add-a-competitor.md}).
 */
package dev.kelvin.bench.peer;
