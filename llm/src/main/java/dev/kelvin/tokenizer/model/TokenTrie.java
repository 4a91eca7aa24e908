// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Texts as paths from a root, a char a step, so that all of them are looked for at once. Node 0 is the root; a node's
 * number less one is that of its edge in a table of edges.
 */
public final class TokenTrie {
    private static final int NO_TOKEN = -1;

    private final PairTable edges = new PairTable(16);
    private final BitSet firstChars = new BitSet();
    private int[] ids = {NO_TOKEN};
    private int[] lengths = {0};
    private int nodes = 1;

    /** Adds a text with its id; the later of two equal texts counts. */
    public void add(String text, int id) {
        firstChars.set(text.charAt(0));
        int node = 0;
        for (int i = 0; i < text.length(); i++) {
            node = edges.add(node, text.charAt(i)) + 1;
            if (node == nodes) {
                grow();
                ids[node] = NO_TOKEN;
                lengths[node] = i + 1;
                nodes++;
            }
        }
        ids[node] = id;
    }

    private void grow() {
        if (nodes == ids.length) {
            ids = Arrays.copyOf(ids, 2 * nodes);
            lengths = Arrays.copyOf(lengths, 2 * nodes);
        }
    }

    public boolean isEmpty() {
        return nodes == 1;
    }

    /** Whether a text begins with this char. */
    public boolean mayBegin(char first) {
        return firstChars.get(first);
    }

    /** The node reached by a char, −1 if there is none. */
    public int child(int node, char next) {
        int edge = edges.find(node, next);
        return edge < 0 ? -1 : edge + 1;
    }

    /** The node of the longest text that the chars [begin, end) begin with; 0 if there is none. */
    public int longest(String text, int begin, int end) {
        int best = 0;
        int node = 0;
        for (int i = begin; i < end; i++) {
            node = child(node, text.charAt(i));
            if (node < 0) {
                break;
            }
            if (ids[node] != NO_TOKEN) {
                best = node;
            }
        }
        return best;
    }

    /** The id of the text that ends at a node, −1 if none does. */
    public int id(int node) {
        return ids[node];
    }

    /** The chars from the root to a node. */
    public int length(int node) {
        return lengths[node];
    }
}
