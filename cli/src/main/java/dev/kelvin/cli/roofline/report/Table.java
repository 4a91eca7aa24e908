// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.List;

/** A table before it is set for a page, a file or a terminal. */
public final class Table {
    private final String title;
    private final String note;
    private final String alignments;
    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();
    private final List<String> footnotes = new ArrayList<>();

    /**
     * A table without rows.
     *
     * @param title the question that it answers
     * @param note how to read it, in a sentence or two; may be empty
     * @param alignments a character a column: {@code l} for left, {@code r} for right
     * @param header a cell a column
     */
    public Table(String title, String note, String alignments, String... header) {
        this.title = title;
        this.note = note;
        this.alignments = alignments;
        this.header = List.of(header);
        check(header.length);
    }

    /** Adds a row, which has a cell for each column. */
    public Table row(String... cells) {
        check(cells.length);
        rows.add(List.of(cells));
        return this;
    }

    /** The number of a footnote, which is added unless it is there. */
    public String footnote(String text) {
        if (!footnotes.contains(text)) {
            footnotes.add(text);
        }
        return Integer.toString(footnotes.indexOf(text) + 1);
    }

    private void check(int cells) {
        if (cells != alignments.length()) {
            throw new IllegalArgumentException(
                    "table row: " + cells + " cells for " + alignments.length() + " columns");
        }
    }

    /** The question that it answers. */
    public String title() {
        return title;
    }

    /** How to read it. */
    public String note() {
        return note;
    }

    /** Whether a column's cells are set to the right. */
    public boolean right(int column) {
        return alignments.charAt(column) == 'r';
    }

    /** The names of the columns. */
    public List<String> header() {
        return header;
    }

    /** The rows. */
    public List<List<String>> rows() {
        return List.copyOf(rows);
    }

    /** What the numbers of footnotes stand for, from 1 on. */
    public List<String> footnotes() {
        return List.copyOf(footnotes);
    }

    /** Whether a column has a cell that is not empty. */
    public boolean filled(int column) {
        return rows.stream().anyMatch(row -> !row.get(column).isEmpty());
    }
}
