// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;

/**
 * Where a command writes: the two streams and what is known about the screen behind the first.
 *
 * @param out the result, and nothing else; bytes are UTF-8 whatever the stream's own charset
 * @param err messages and summaries
 * @param unicode whether characters beyond ASCII can be shown
 * @param interactive whether {@code out} is a screen rather than a file or a pipe
 * @param progressOnScreen whether {@code err} is, so that a line can be drawn over
 * @param width the columns of the screen at this moment
 */
record Terminal(
        PrintStream out,
        PrintStream err,
        boolean unicode,
        boolean interactive,
        boolean progressOnScreen,
        IntSupplier width) {
    /** Columns that every table keeps to where its content permits, if no screen says otherwise. */
    static final int COLUMNS = Screen.COLUMNS;

    /** The fewest columns that a drawing is made for. */
    private static final int LEAST_COLUMNS = 20;

    /** A terminal of 80 columns, both of whose streams are a screen, or neither. */
    Terminal(PrintStream out, PrintStream err, boolean unicode, boolean interactive) {
        this(out, err, unicode, interactive, interactive, () -> COLUMNS);
    }

    /**
     * The terminal of this process.
     *
     * @param out takes the result
     * @param err the file descriptor of standard error, that of {@code System.err}
     */
    static Terminal ofProcess(PrintStream out, int err) {
        String charset = System.getProperty("stdout.encoding", System.getProperty("native.encoding", ""));
        boolean unicode = charset.equalsIgnoreCase("UTF-8");
        return new Terminal(out, System.err, unicode, Screen.isAt(1), Screen.isAt(err), new Screen()::columns);
    }

    /** The columns that may be drawn on: those of the screen, or 80 where there is none. */
    int columns() {
        return interactive || progressOnScreen ? Math.max(LEAST_COLUMNS, width.getAsInt()) : COLUMNS;
    }

    /** The columns of a result: those of the screen but at most 80, which are easier to read. */
    int resultColumns() {
        return interactive ? Math.min(COLUMNS, columns()) : COLUMNS;
    }

    Glyphs glyphs() {
        return new Glyphs(unicode);
    }

    /** Writes a line of the result. */
    void line(String line) {
        text(line);
        out.write('\n');
    }

    /** Writes text of the result as it is, in UTF-8. */
    void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write(bytes, 0, bytes.length);
    }

    /** Says on standard error, on a line of its own, what was decided about a file. */
    void remark(String line) {
        err.println("kelvin: " + Glyphs.withoutControls(line));
    }

    /**
     * Writes text that a model made: exactly that text into a file or pipe; on a screen control characters other than
     * line feed and tab are shown escaped, because a model must not be able to command the terminal.
     */
    void modelText(String text) {
        text(interactive ? Glyphs.withoutControls(text) : text);
    }

    /**
     * Ends a text that a model made. A file or pipe holds exactly the text; a screen gets the line feed that keeps the
     * next prompt of the shell from sticking to it.
     */
    void endModelText() {
        if (interactive) {
            out.write('\n');
        }
        out.flush();
    }

    /** Whether the reader of standard output has gone, or its device refuses to take more. Flushes. */
    boolean outputClosed() {
        return out.checkError();
    }
}
