// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.model.Progress;

/**
 * How far the loading of a model is, on a screen only, and only if it takes a while: one line of standard error, drawn
 * over and in the end removed. The cursor waits at its beginning, so that whatever else is said replaces it.
 */
final class LoadingBar implements Progress {
    private static final int BAR_COLUMNS = 24;
    private static final long DELAY_NANOS = 500_000_000;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Terminal terminal;
    private long next;
    private int columns;

    LoadingBar(Terminal terminal) {
        this(terminal, DELAY_NANOS);
    }

    LoadingBar(Terminal terminal, long delayNanos) {
        this.terminal = terminal;
        next = System.nanoTime() + delayNanos;
    }

    @Override
    public void at(long done, long total) {
        long now = System.nanoTime();
        if (!terminal.interactive()) {
            return;
        }
        if (done == total) {
            draw(" ".repeat(columns));
            columns = 0;
        } else if (now - next >= 0) {
            next = now + REDRAW_NANOS;
            String line = line(terminal.glyphs(), "loading", done, total);
            columns = Glyphs.columns(line);
            draw(line);
        }
    }

    @Override
    public void remark(String line) {
        draw(" ".repeat(columns));
        columns = 0;
        terminal.err().println("kelvin: " + Glyphs.withoutControls(line));
    }

    private void draw(String line) {
        if (!line.isEmpty()) {
            terminal.err().print("\r" + line + "\r");
            terminal.err().flush();
        }
    }

    /** A line like {@code loading [### ] 50%}. */
    static String line(Glyphs glyphs, String what, long done, long total) {
        String bar = glyphs.bar((double) done / total, BAR_COLUMNS);
        int percent = (int) (100.0 * done / total);
        return what + " [" + bar + " ".repeat(BAR_COLUMNS - Glyphs.columns(bar)) + "] " + percent + "%";
    }
}
