// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

/** How far a training run is: one line that is drawn over on a screen, a line at each evaluation elsewhere. */
final class TrainingProgress {
    private static final int BAR_COLUMNS = 16;
    private static final long REDRAW_NANOS = 200_000_000L;

    /** Weight of a step in the running means of loss and speed. */
    private static final double FRESH = 0.05;

    private final Terminal terminal;
    private final int steps;
    private final long tokensPerStep;
    private final int firstStep;
    private double loss = Double.NaN;
    private double speed = Double.NaN;
    private double heldOut = Double.NaN;
    private long drawn;
    private int width;

    TrainingProgress(Terminal terminal, int firstStep, int steps, long tokensPerStep) {
        this.terminal = terminal;
        this.firstStep = firstStep;
        this.steps = steps;
        this.tokensPerStep = tokensPerStep;
    }

    /** Takes a step; {@code heldOutLoss} is NaN where it was not measured. */
    void step(int step, double stepLoss, double heldOutLoss, double stepSpeed) {
        loss = Double.isNaN(loss) ? stepLoss : loss + FRESH * (stepLoss - loss);
        // The first step of a process is slow: nothing is compiled yet.
        speed = Double.isNaN(speed) || step <= firstStep + 2 ? stepSpeed : speed + FRESH * (stepSpeed - speed);
        boolean measured = !Double.isNaN(heldOutLoss);
        if (measured) {
            heldOut = heldOutLoss;
        }
        long now = System.nanoTime();
        if (terminal.interactive() && (now - drawn > REDRAW_NANOS || step == steps)) {
            drawn = now;
            draw(line(step));
        } else if (!terminal.interactive() && measured) {
            terminal.err().println(line(step));
        }
    }

    private void draw(String line) {
        terminal.err().print("\r" + line + " ".repeat(Math.max(0, width - Glyphs.columns(line))));
        terminal.err().flush();
        width = Glyphs.columns(line);
    }

    private String line(int step) {
        double share = (double) step / steps;
        String bar = terminal.glyphs().bar(share, BAR_COLUMNS);
        String padded = bar + " ".repeat(BAR_COLUMNS - Glyphs.columns(bar));
        long seconds = Math.round((double) (steps - step) * tokensPerStep / speed);
        String measured = Double.isNaN(heldOut) ? "" : "  held out " + Numbers.fixed(heldOut, 3);
        return step + "/" + steps + " [" + padded + "] loss " + Numbers.fixed(loss, 3) + measured + "  "
                + Numbers.grouped(Math.round(speed)) + " tokens/s  " + time(seconds) + " left";
    }

    static String time(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        return minutes < 60 ? minutes + " min " + seconds % 60 + " s" : minutes / 60 + " h " + minutes % 60 + " min";
    }

    /** Ends the line on a screen. */
    void end() {
        if (width > 0) {
            terminal.err().println();
            width = 0;
        }
    }
}
