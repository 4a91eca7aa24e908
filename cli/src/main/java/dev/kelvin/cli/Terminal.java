// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Where a command writes: the two streams and what is known about the screen behind the first.
 *
 * @param out the result, and nothing else; bytes are UTF-8 whatever the stream's own charset
 * @param err messages and summaries
 * @param unicode whether characters beyond ASCII can be shown
 * @param interactive whether {@code out} is a screen rather than a file or a pipe
 */
record Terminal(PrintStream out, PrintStream err, boolean unicode, boolean interactive) {
    /** Columns that every table keeps to where its content permits. */
    static final int COLUMNS = 80;

    /** The terminal of this process, writing the result to {@code out}. */
    static Terminal ofProcess(PrintStream out) {
        String charset = System.getProperty("stdout.encoding", System.getProperty("native.encoding", ""));
        return new Terminal(out, System.err, charset.equalsIgnoreCase("UTF-8"), standardOutputIsScreen());
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

    /**
     * Asks the kernel's file table where there is one. {@code System.console()} answers for input and output together,
     * so it is only the second choice.
     */
    @SuppressWarnings("SystemConsoleNull") // that it is never null held for JDK 22 to 24 only
    private static boolean standardOutputIsScreen() {
        Path descriptor = Path.of("/proc/self/fd/1");
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | InvalidPathException | UnsupportedOperationException noFileTable) {
            Console console = System.console();
            return console != null && console.isTerminal();
        }
    }
}
