// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.model.Progress;

/**
 * How far something is that takes a while: on a screen one line that is drawn over and in the end removed; in a file a
 * line each tenth of the way, or nothing.
 */
final class ProgressBar implements Progress {
    private static final int BAR_COLUMNS = 24;
    private static final int LEAST_BAR_COLUMNS = 4;
    private static final long REDRAW_NANOS = 100_000_000;

    /** Where no screen is: whether a file gets lines too. */
    enum InFiles {
        NOTHING,
        TENTHS
    }

    private final Terminal terminal;
    private final String what;
    private final InFiles inFiles;
    private final RedrawnLine line;
    private long next;
    private int tenths;

    /** A bar that keeps quiet for the first {@code delayNanos}, because what is soon done needs none. */
    ProgressBar(Terminal terminal, String what, InFiles inFiles, long delayNanos) {
        this.terminal = terminal;
        this.what = what;
        this.inFiles = inFiles;
        line = new RedrawnLine(terminal);
        next = System.nanoTime() + delayNanos;
    }

    /** That of loading a model, which takes half a second or is not worth a word. */
    static ProgressBar ofLoading(Terminal terminal) {
        return new ProgressBar(terminal, "loading", InFiles.NOTHING, 500_000_000);
    }

    @Override
    public void at(long done, long total) {
        long now = System.nanoTime();
        if (terminal.progressOnScreen()) {
            if (done == total) {
                line.clear();
            } else if (now - next >= 0) {
                next = now + REDRAW_NANOS;
                line.draw(text(done, total, line.columns()));
            }
        } else if (inFiles == InFiles.TENTHS && now - next >= 0 && 10 * done / total > tenths) {
            tenths = (int) (10 * done / total);
            terminal.err().println(text(done, total, Terminal.COLUMNS));
        }
    }

    @Override
    public void remark(String sentence) {
        line.clear();
        terminal.remark(sentence);
    }

    /** Removes the line of a screen, for work that ended before its end. */
    void end() {
        line.clear();
    }

    /** A line like {@code loading [### ] 50%}. */
    private String text(long done, long total, int columns) {
        String percent = (int) (100.0 * done / total) + "%";
        int room = Math.min(BAR_COLUMNS, columns - what.length() - " [] 100%".length());
        return room < LEAST_BAR_COLUMNS
                ? what + " " + percent
                : what + " [" + terminal.glyphs().wholeBar((double) done / total, room) + "] " + percent;
    }
}
