// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.peer;

/**
 * A known weakness of a peer that a figure shows, so that nobody takes it for the peer's best.
 *
 * @param what is wrong, in a sentence
 * @param source where it is written: an issue, a page, a record
 */
public record Defect(String what, String source) {}
