// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.List;

/**
 * A block of a decoder: branches, one after the other. Most have two, one that mixes positions and one that feeds
 * forward.
 *
 * @param branches in the order they are computed
 */
public record Block(List<Branch> branches) {
    /** Copies the list. */
    public Block {
        branches = List.copyOf(branches);
    }

    /** A block of these branches. */
    public static Block of(Branch... branches) {
        return new Block(List.of(branches));
    }
}
