// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text in columns that are as wide as their widest cell, two spaces apart. Numbers are set to the right. */
final class TextTable {
    private static final String GAP = "  ";

    private final String alignments;
    private final List<String[]> rows = new ArrayList<>();

    /** @param alignments a character a column: {@code l} for left, {@code r} for right */
    TextTable(String alignments) {
        this.alignments = alignments;
    }

    /** Adds a row, which has a cell for each column. */
    TextTable row(String... cells) {
        if (cells.length != alignments.length()) {
            throw new IllegalArgumentException(
                    "table row: " + cells.length + " cells for " + alignments.length() + " columns");
        }
        rows.add(cells);
        return this;
    }

    /**
     * Writes the rows, indented by two columns, without spaces at the ends of lines. On a screen that is narrower than
     * results are written for, and than the table, what follows the first cell of a row stands below it.
     */
    void print(Terminal terminal) {
        int[] widths = new int[alignments.length()];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], Glyphs.columns(row[column]));
            }
        }
        int screen = terminal.resultColumns();
        if (screen < Terminal.COLUMNS && Arrays.stream(widths).sum() + GAP.length() * widths.length > screen) {
            rows.forEach(row -> printNarrow(terminal, row, screen));
            return;
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                line.append(GAP).append(align(row[column], widths[column], alignments.charAt(column)));
            }
            terminal.line(line.toString().stripTrailing());
        }
    }

    private static void printNarrow(Terminal terminal, String[] row, int screen) {
        terminal.line(GAP + row[0]);
        StringBuilder line = new StringBuilder();
        String words = String.join(" ", Arrays.asList(row).subList(1, row.length));
        for (String word : words.strip().split("\\s+", -1)) {
            if (!line.isEmpty() && Glyphs.columns(line.toString()) + 1 + Glyphs.columns(word) > screen) {
                terminal.line(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? GAP + GAP : " ").append(word);
        }
        if (!line.toString().isBlank()) {
            terminal.line(line.toString());
        }
    }

    /** Widens a text to {@code columns} columns by spaces. */
    static String align(String text, int columns, char alignment) {
        String space = " ".repeat(Math.max(0, columns - Glyphs.columns(text)));
        return alignment == 'r' ? space + text : text + space;
    }
}
