// SPDX-License-Identifier: Apache-2.0
/**
 * Work on rows that is more than one kernel: a softmax of a whole row, norms and their derivatives, layers with a
 * state, attention over whole sequences. Every loop over numbers is a kernel's, so these have the same bits at every
 * width.
 */
package dev.kelvin.kernel.composed;
