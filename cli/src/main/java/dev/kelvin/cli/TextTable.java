// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.ArrayList;
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

    /** Writes the rows, indented by two columns, without spaces at the ends of lines. */
    void print(Terminal terminal) {
        int[] widths = new int[alignments.length()];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], Glyphs.columns(row[column]));
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                line.append(GAP).append(align(row[column], widths[column], alignments.charAt(column)));
            }
            terminal.line(line.toString().stripTrailing());
        }
    }

    /** Widens a text to {@code columns} columns by spaces. */
    static String align(String text, int columns, char alignment) {
        String space = " ".repeat(Math.max(0, columns - Glyphs.columns(text)));
        return alignment == 'r' ? space + text : text + space;
    }
}
