// SPDX-License-Identifier: Apache-2.0
/**
 * The laws that hold for every input, as jqwik properties. Each tolerance is derived in the Javadoc beside it; what
 * must be the same bits is compared as bits. A failure prints the smallest case found, its seed among it, and jqwik's
 * own seed.
 */
package dev.kelvin.proptest;
