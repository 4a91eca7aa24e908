// SPDX-License-Identifier: Apache-2.0
/**
 * The specification: every kernel as plain loops, a class a family, each order of operations stated and written once.
 */
package dev.kelvin.kernel.scalar;
