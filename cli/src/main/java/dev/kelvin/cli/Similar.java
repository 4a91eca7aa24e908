// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Names that a misspelt one was probably meant to be. */
final class Similar {
    /** In names at least this long two letters may be wrong. */
    private static final int LONG = 7;

    private Similar() {}

    /** The name that is one letter away, or two if it is long. */
    static Optional<String> to(String word, List<String> names) {
        int most = word.length() >= LONG ? 2 : 1;
        return names.stream()
                .filter(name -> distance(word, name) <= most)
                .min(Comparator.comparingInt(name -> distance(word, name)));
    }

    /** The letters to add, drop, exchange or swap with their neighbour (Damerau and Levenshtein). */
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int exchanged = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(exchanged, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
