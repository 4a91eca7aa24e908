// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

/**
 * Writes an answer while it comes. A screen gets whole words, thoughts dimmed; a file or pipe the text for the reader
 * and nothing else.
 */
final class ChatVoice {
    private static final String DIM = "\u001b[2m";
    private static final String PLAIN = "\u001b[22m";

    private final Terminal terminal;
    private final StringBuilder word = new StringBuilder();
    private int column;
    private boolean dim;
    private boolean any;

    ChatVoice(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Text for the reader. */
    void text(String piece) {
        if (!terminal.interactive()) {
            any = true;
            terminal.text(piece);
            terminal.out().flush();
            return;
        }
        dimmed(false);
        show(piece);
    }

    /** A thought. */
    void reasoning(String piece) {
        if (terminal.interactive()) {
            dimmed(true);
            show(piece);
        }
    }

    private void dimmed(boolean wanted) {
        if (dim != wanted) {
            flushWord();
            if (any && column > 0) {
                newLine();
            }
            terminal.text(wanted ? DIM : PLAIN);
            dim = wanted;
        }
    }

    private void show(String piece) {
        String clean = Glyphs.withoutControls(piece);
        for (int i = 0, c; i < clean.length(); i += Character.charCount(c)) {
            c = clean.codePointAt(i);
            if (Character.isWhitespace(c)) {
                flushWord();
                space(c);
            } else {
                word.appendCodePoint(c);
            }
        }
        terminal.out().flush();
    }

    private void space(int c) {
        if (c == '\n') {
            newLine();
        } else if (column > 0 || c != ' ') {
            terminal.text(c == '\t' ? "    " : " ");
            column += c == '\t' ? 4 : 1;
        } else if (column == 0) {
            terminal.text(" ");
            column = 1;
        }
    }

    private void flushWord() {
        if (word.isEmpty()) {
            return;
        }
        int width = Math.max(10, terminal.columns() - 1);
        int columns = Glyphs.columns(word.toString());
        if (column > 0 && column + columns > width) {
            newLine();
        }
        terminal.text(word.toString());
        column = (column + columns) % width;
        word.setLength(0);
        any = true;
    }

    private void newLine() {
        terminal.text("\n");
        column = 0;
    }

    /** Ends the answer and the line that it is on. */
    void end() {
        flushWord();
        if (dim) {
            terminal.text(PLAIN);
            dim = false;
        }
        if (any || !terminal.interactive()) {
            terminal.text("\n");
        }
        column = 0;
        any = false;
        terminal.out().flush();
    }
}
