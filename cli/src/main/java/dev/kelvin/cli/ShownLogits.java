// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The logits that a command shows.
 *
 * @param logits [V]
 * @param history ids before the token in question
 * @param names gives a candidate's name
 * @param model whose logits they are; null if they were given, and their names are no tokens
 */
record ShownLogits(float[] logits, int[] history, Names names, String model) {
    /** Names for candidates. */
    @FunctionalInterface
    interface Names {
        String of(int id) throws IOException;
    }

    /** Whether the names are texts of tokens, whose spaces matter. */
    boolean ofModel() {
        return model != null;
    }

    /** The names of some candidates. */
    List<String> names(int[] ids) throws IOException {
        List<String> list = new ArrayList<>(ids.length);
        for (int id : ids) {
            list.add(names.of(id));
        }
        return list;
    }

    /** Names as they are drawn, each in at most {@code columns} columns. */
    List<String> fitted(List<String> list, Glyphs glyphs, int columns) {
        return list.stream()
                .map(name -> glyphs.fit(ofModel() ? glyphs.quote(name) : glyphs.escape(name), columns))
                .toList();
    }
}
