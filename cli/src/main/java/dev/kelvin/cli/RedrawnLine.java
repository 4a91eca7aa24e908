// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

/** A line of standard error on a screen that is drawn over, and never longer than the screen is wide at that moment. */
final class RedrawnLine {
    private final Terminal terminal;
    private int drawn;

    RedrawnLine(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The columns that a line may have: in the last one, some terminals would wrap. */
    int columns() {
        return terminal.columns() - 1;
    }

    /**
     * Draws a line over the one before. The cursor waits at its beginning, so that whatever else is said replaces it.
     */
    void draw(String line) {
        String fitted = terminal.glyphs().fit(line, columns());
        int columns = Glyphs.columns(fitted);
        String rest = " ".repeat(Math.max(0, Math.min(drawn, columns()) - columns));
        terminal.err().print("\r" + fitted + rest + "\r");
        terminal.err().flush();
        drawn = columns;
    }

    /** Removes the line. */
    void clear() {
        if (drawn > 0) {
            draw("");
        }
    }

    /** Leaves the line as it is and begins the next one. */
    void end() {
        if (drawn > 0) {
            terminal.err().println();
            drawn = 0;
        }
    }
}
