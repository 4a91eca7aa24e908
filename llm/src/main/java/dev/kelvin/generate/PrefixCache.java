// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.Sequence;
import dev.kelvin.tensor.KvPage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Texts that were computed, with their sequences, as a radix tree over token ids: whoever asks for a text that begins
 * alike goes on from there. Pages that texts have in common are there once.
 *
 * <p>Where a text can be left is the sequence's own word ({@link Sequence#canTruncate}): anywhere if all of it is kept,
 * at its end alone if a recurrent state has moved on. For one thread.
 */
final class PrefixCache {
    /** A text. */
    private static final class Entry {
        private final int[] ids;
        private final Sequence sequence;
        private Node place;

        Entry(int[] ids, Sequence sequence) {
            this.ids = ids;
            this.sequence = sequence;
        }
    }

    /** The beginning {@code ids[0, end)} of all texts below it; each has a text below it, or is one. */
    private static final class Node {
        private final int[] ids;
        private final int end;
        private final Map<Integer, Node> children = new HashMap<>();
        private Node parent;
        private Entry entry;

        Node(int[] ids, int end, Node parent) {
            this.ids = ids;
            this.end = end;
            this.parent = parent;
        }
    }

    /** How far a text leads: the texts below the node have so many ids in common with it. */
    private record Walk(Node node, int common) {}

    /**
     * A sequence to go on from.
     *
     * @param sequence which stays where it is: to be forked
     * @param length how much of it is of use; it can be cut there
     */
    record Match(Sequence sequence, int length) {}

    private final boolean cutsAnywhere;
    private final Node root = new Node(new int[0], 0, null);

    /** The least recently used first. */
    private final LinkedHashSet<Entry> entries = new LinkedHashSet<>();

    PrefixCache(KvPool pool) {
        cutsAnywhere = pool.cutsAnywhere();
    }

    /**
     * The longest beginning that can be gone on from, which counts as a use of it.
     *
     * @param ids of a text
     * @param most how many of them it may have
     * @return null if there is none
     */
    Match find(int[] ids, int most) {
        Walk walk = walk(ids, most);
        Node done = null;
        int common = walk.common();
        for (Node node = walk.node(); node != root; node = node.parent) {
            common = Math.min(common, node.end);
            Entry entry = below(node, done, common);
            if (entry != null) {
                entries.addLast(entry);
                return new Match(entry.sequence, common);
            }
            done = node;
        }
        return null;
    }

    private Walk walk(int[] ids, int most) {
        Node node = root;
        int common = 0;
        while (common == node.end && common < most) {
            Node child = node.children.get(ids[common]);
            if (child == null) {
                break;
            }
            int end = Math.min(most, child.end);
            int equal = Arrays.mismatch(ids, common, end, child.ids, common, end);
            common = equal < 0 ? end : common + equal;
            node = child;
        }
        return new Walk(node, common);
    }

    /** A text at or below a node, but not below another one, that can be cut to a length; null if there is none. */
    private static Entry below(Node node, Node except, int length) {
        Deque<Node> left = new ArrayDeque<>(List.of(node));
        while (!left.isEmpty()) {
            Node next = left.pop();
            if (next.entry != null && next.entry.sequence.canTruncate(length)) {
                return next.entry;
            }
            for (Node child : next.children.values()) {
                if (child != except) {
                    left.push(child);
                }
            }
        }
        return null;
    }

    /**
     * Keeps a text, unless all of it is here.
     *
     * @param ids of which the first were computed; the array is not kept
     * @param sequence with what was computed of them, which belongs to the cache now
     */
    void add(int[] ids, Sequence sequence) {
        int count = sequence.length();
        Walk walk = walk(ids, count);
        Entry near = walk.common() == 0 ? null : below(walk.node(), null, 0);
        if (count == 0 || (walk.common() == count && isHere(walk))) {
            sequence.close();
            if (near != null) {
                entries.addLast(near);
            }
            return;
        }
        if (near != null) {
            sequence.share(near.sequence, walk.common());
        }
        Entry entry = new Entry(Arrays.copyOf(ids, count), sequence);
        entries.addLast(entry);
        put(entry, walk);
        List<Entry> shorter = new ArrayList<>();
        for (Node node = entry.place.parent; cutsAnywhere && node != null; node = node.parent) {
            if (node.entry != null) {
                shorter.add(node.entry);
            }
        }
        shorter.forEach(this::remove);
    }

    /** Whether a text that was walked to its end is here: as itself, or as the beginning of one that can be cut. */
    private boolean isHere(Walk walk) {
        return cutsAnywhere || (walk.common() == walk.node().end && walk.node().entry != null);
    }

    /** Makes a place for a text that has led so far. */
    private void put(Entry entry, Walk walk) {
        Node node = walk.node();
        int common = walk.common();
        int count = entry.ids.length;
        if (common < node.end) {
            Node fork = new Node(node.ids, common, node.parent);
            node.parent.children.put(node.ids[node.parent.end], fork);
            fork.children.put(node.ids[common], node);
            node.parent = fork;
            node = fork;
        }
        if (common < count) {
            Node leaf = new Node(entry.ids, count, node);
            node.children.put(entry.ids[common], leaf);
            node = leaf;
        }
        node.entry = entry;
        entry.place = node;
    }

    private void remove(Entry entry) {
        unlink(entry);
        entry.sequence.close();
    }

    /** Takes a text out of the tree, with the nodes that were there for it. */
    private void unlink(Entry entry) {
        entries.remove(entry);
        Node node = entry.place;
        node.entry = null;
        while (node != root && node.entry == null && node.children.isEmpty()) {
            node.parent.children.remove(node.ids[node.parent.end]);
            node = node.parent;
        }
        if (node != root && node.entry == null && node.children.size() == 1) {
            Node child = node.children.values().iterator().next();
            child.parent = node.parent;
            node.parent.children.put(node.ids[node.parent.end], child);
        }
    }

    /**
     * Gives up a little of what was not used for the longest time: its last page, or all of it where it cannot be cut.
     * Memory becomes free only where nobody else holds it.
     *
     * @return false if there is nothing
     */
    boolean shrink() {
        if (entries.isEmpty()) {
            return false;
        }
        Entry oldest = entries.getFirst();
        int length = (oldest.ids.length - 1) / KvPage.POSITIONS * KvPage.POSITIONS;
        if (length == 0 || !oldest.sequence.canTruncate(length)) {
            remove(oldest);
            return true;
        }
        unlink(oldest);
        Walk walk = walk(oldest.ids, length);
        if (walk.common() == length && isHere(walk)) {
            oldest.sequence.close();
            return true;
        }
        oldest.sequence.truncate(length);
        Entry shorter = new Entry(Arrays.copyOf(oldest.ids, length), oldest.sequence);
        entries.addFirst(shorter);
        put(shorter, walk);
        return true;
    }

    /** Gives up everything. */
    void clear() {
        entries.forEach(entry -> entry.sequence.close());
        entries.clear();
        root.children.clear();
    }

    /** A text that is kept: its ids, and what was computed of them. */
    record Text(int[] ids, Sequence sequence) {}

    /** All texts, the most recently used first. */
    List<Text> texts() {
        return entries.reversed().stream()
                .map(entry -> new Text(entry.ids, entry.sequence))
                .toList();
    }

    /** How many texts there are. */
    int size() {
        return entries.size();
    }
}
