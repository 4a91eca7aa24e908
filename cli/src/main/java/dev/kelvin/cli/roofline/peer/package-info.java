// SPDX-License-Identifier: Apache-2.0
/**
 * What a library implements to be measured beside Kelvin by {@code kelvin roofline}: a
 * {@link dev.kelvin.cli.roofline.peer.Peer}, found by {@link java.util.ServiceLoader}, is given
 * {@link dev.kelvin.cli.roofline.peer.Problem}s and computes those that it can.
 */
package dev.kelvin.cli.roofline.peer;
