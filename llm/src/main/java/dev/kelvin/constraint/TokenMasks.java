// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.constraint.Configuration.Continuations;
import dev.kelvin.head.TokenMask;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Computes which tokens may follow in a configuration. */
final class TokenMasks {
    /** Masks that are kept; a mask has a bit for each token. */
    private static final int MOST_KEPT = 2_000;

    /** With more choices than that nobody looks whether they all begin the same text. */
    private static final int MOST_FORCED = 64;

    private static final int BYTES = 256;

    private final TokenTrie trie;
    private final Configurations configurations;
    private final PlainText plainText;
    private final List<Configuration> kept = new ArrayList<>();
    private Configuration[] path = new Configuration[64];

    TokenMasks(TokenTrie trie, Configurations configurations) {
        this.trie = trie;
        this.configurations = configurations;
        this.plainText = new PlainText(configurations);
    }

    Continuations of(Configuration configuration) {
        Continuations continuations = configuration.continuations();
        if (continuations == null) {
            if (kept.size() == MOST_KEPT) {
                kept.forEach(each -> each.continuations(null));
                kept.clear();
                plainText.forget();
            }
            continuations = compute(configuration);
            configuration.continuations(continuations);
            kept.add(configuration);
        }
        return continuations;
    }

    private Continuations compute(Configuration configuration) {
        BitSet allowed = new BitSet(trie.vocabSize());
        int plain = plainText.depth(configuration, trie.longestPlain());
        if (plain > 0) {
            allowed.or(trie.plain(plain));
            walk(configuration, trie.rest(), allowed);
        } else {
            walk(configuration, trie.all(), allowed);
        }
        int forced = forced(configuration, allowed);
        if (configuration.isComplete()) {
            allowed.or(trie.ends());
        }
        return new Continuations(new TokenMask(allowed), forced, allowed.isEmpty());
    }

    private void walk(Configuration from, TokenTrie.Nodes nodes, BitSet allowed) {
        byte[] classes = configurations.alphabet().classes();
        path[0] = from;
        int at = 0;
        while (at < nodes.size()) {
            int depth = nodes.depths()[at];
            int byteClass = classes[nodes.labels()[at] & 0xff] & 0xff;
            Configuration next = configurations.step(path[depth - 1], byteClass);
            if (next.isDead()) {
                at = nodes.skips()[at];
                continue;
            }
            if (depth == path.length) {
                path = java.util.Arrays.copyOf(path, 2 * depth);
            }
            path[depth] = next;
            for (int i = nodes.firsts()[at]; i < nodes.firsts()[at + 1]; i++) {
                allowed.set(nodes.ids()[i]);
            }
            at++;
        }
    }

    /**
     * The token to take where all that are allowed are beginnings of the only text that may follow: the longest of
     * them. Where a text may end as well, nothing is forced, unless it must.
     */
    private int forced(Configuration configuration, BitSet allowed) {
        if (configuration.isComplete()) {
            return allowed.isEmpty() ? trie.ends().nextSetBit(0) : -1;
        }
        if (allowed.cardinality() > MOST_FORCED) {
            return -1;
        }
        int longest = allowed.stream()
                .reduce((a, b) -> trie.bytes(b).length > trie.bytes(a).length ? b : a)
                .orElse(-1);
        boolean alike = allowed.stream().allMatch(id -> begins(trie.bytes(id), trie.bytes(longest)));
        return alike && longest >= 0 && isOnlyText(configuration, trie.bytes(longest)) ? longest : -1;
    }

    /**
     * Whether nothing else can follow for as long as a token is. Tokens do not tell: where "birthTime" may follow as
     * well as "birthDate", a vocabulary may have "birth" and "birthDate" alone.
     */
    private boolean isOnlyText(Configuration from, byte[] token) {
        Configuration at = from;
        for (byte each : token) {
            if (at.isComplete()) {
                return false;
            }
            for (int other = 0; other < BYTES; other++) {
                if ((byte) other != each
                        && !configurations.step(at, (byte) other).isDead()) {
                    return false;
                }
            }
            at = configurations.step(at, each);
        }
        return true;
    }

    private static boolean begins(byte[] beginning, byte[] whole) {
        return beginning.length <= whole.length
                && java.util.Arrays.equals(beginning, 0, beginning.length, whole, 0, beginning.length);
    }
}
