// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.List;

/**
 * Where a rule that was begun may return to: a node of the stacks, which share whatever they have in common. Frames
 * with the same links are one object.
 */
@SuppressWarnings("ReferenceEquality") // frames and edges exist once
final class Frame {
    /**
     * One place to return to.
     *
     * @param edge the call or repetition; null at the bottom, where the text is complete
     * @param count how many repetitions are done
     * @param parent the frame of the rule that the edge is in; null at the bottom
     */
    record Link(Automaton.Edge edge, int count, Frame parent) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Link link && edge == link.edge && count == link.count && parent == link.parent;
        }

        @Override
        public int hashCode() {
            int hash = 31 * System.identityHashCode(edge) + count;
            return 31 * hash + System.identityHashCode(parent);
        }
    }

    private final List<Link> links;

    Frame(List<Link> links) {
        this.links = links;
    }

    List<Link> links() {
        return links;
    }
}
