// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.train.TrainingListener;
import dev.kelvin.train.TrainingStep;
import java.util.ArrayList;
import java.util.List;

/** How far a training run is: one line that is drawn over on a screen, a line at each evaluation elsewhere. */
final class TrainingProgress implements TrainingListener {
    private static final int BAR_COLUMNS = 16;
    private static final int LEAST_BAR_COLUMNS = 4;
    private static final long REDRAW_NANOS = 200_000_000L;

    /** Weight of a step in the running means of loss and speed. */
    private static final double FRESH = 0.05;

    /** The first steps of a process are slow: little is compiled yet. */
    private static final int SLOW_STEPS = 2;

    /** Steps from whose speed the time that is left can be told. */
    private static final int STEPS_TO_ESTIMATE = 10;

    private final Terminal terminal;
    private final RedrawnLine line;
    private final int firstStep;
    private final int steps;
    private final long tokensPerStep;
    private int step;
    private double loss = Double.NaN;
    private double speed = Double.NaN;
    private double heldOut = Double.NaN;
    private long drawn;

    TrainingProgress(Terminal terminal, int firstStep, int steps, long tokensPerStep) {
        this.terminal = terminal;
        this.firstStep = firstStep;
        this.steps = steps;
        this.tokensPerStep = tokensPerStep;
        line = new RedrawnLine(terminal);
        step = firstStep;
    }

    @Override
    public void stepped(TrainingStep taken) {
        step(taken.step(), taken.loss(), taken.tokensPerSecond());
        draw();
    }

    @Override
    public void evaluated(TrainingStep taken) {
        evaluated(taken.heldOutLoss());
    }

    /** Takes a step with its loss and its speed in tokens per second. */
    void step(int done, double stepLoss, double stepSpeed) {
        step = done;
        loss = Double.isNaN(loss) ? stepLoss : loss + FRESH * (stepLoss - loss);
        speed = Double.isNaN(speed) || step <= firstStep + SLOW_STEPS + 1
                ? stepSpeed
                : speed + FRESH * (stepSpeed - speed);
    }

    /** Takes the held-out loss of the last step; NaN where it could not be measured. */
    void evaluated(double heldOutLoss) {
        if (!Double.isNaN(heldOutLoss)) {
            heldOut = heldOutLoss;
            if (!terminal.progressOnScreen()) {
                terminal.err().println(text(Terminal.COLUMNS));
            }
        }
    }

    /** Draws the line anew on a screen, if it was drawn a while ago. */
    void draw() {
        long now = System.nanoTime();
        if (terminal.progressOnScreen() && (now - drawn > REDRAW_NANOS || step == steps)) {
            drawn = now;
            line.draw(text(line.columns()));
        }
    }

    /** What is known, as much of it as fits, and a bar where there is room for one. */
    String text(int columns) {
        String measured = Double.isNaN(heldOut) ? "" : "held out " + Numbers.fixed(heldOut, 3);
        String left = step - firstStep < STEPS_TO_ESTIMATE
                ? ""
                : time(Math.round((double) (steps - step) * tokensPerStep / speed)) + " left";
        // In the order in which they are shown; below, in that in which they are left out.
        String[] parts = {
            step + "/" + steps,
            Double.isNaN(loss) ? "" : "loss " + Numbers.fixed(loss, 3),
            measured,
            Double.isNaN(speed) ? "" : Numbers.grouped(Math.round(speed)) + " tokens/s",
            left
        };
        List<String> shown = new ArrayList<>(List.of(parts));
        shown.removeIf(String::isEmpty);
        for (String dispensable : new String[] {parts[3], parts[2], parts[4], parts[1]}) {
            if (String.join("  ", shown).length() > columns) {
                shown.remove(dispensable);
            }
        }
        int room = Math.min(BAR_COLUMNS, columns - String.join("  ", shown).length() - " []".length());
        if (room >= LEAST_BAR_COLUMNS) {
            shown.set(0, parts[0] + " [" + terminal.glyphs().wholeBar((double) step / steps, room) + "]");
        }
        return String.join("  ", shown);
    }

    static String time(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        return minutes < 60 ? minutes + " min " + seconds % 60 + " s" : minutes / 60 + " h " + minutes % 60 + " min";
    }

    /** Leaves the line on a screen as it is. */
    void end() {
        line.end();
    }
}
