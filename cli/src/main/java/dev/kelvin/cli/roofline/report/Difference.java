// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

/**
 * Two results of the same subject. A difference is called one only when it exceeds 5 % and the intervals of the samples
 * do not meet.
 *
 * @param before the one that is compared with
 * @param after the other
 */
public record Difference(Result before, Result after) {
    /** What is called a difference at least, as a share. */
    static final double LEAST = 0.05;

    /** What can be said. */
    public enum Verdict {
        FASTER,
        SLOWER,
        SAME
    }

    /** How many times as fast the other is. */
    public double ratio() {
        return before.nanos() / after.nanos();
    }

    /** What can be said of the other. */
    public Verdict verdict() {
        if (after.high() < before.low() && ratio() > 1 + LEAST) {
            return Verdict.FASTER;
        }
        return after.low() > before.high() && ratio() < 1 / (1 + LEAST) ? Verdict.SLOWER : Verdict.SAME;
    }

    /** The ratio, in brackets if it is no difference. */
    public String text() {
        String ratio = Figures.fixed(ratio(), 2);
        return verdict() == Verdict.SAME && !ratio.isEmpty() ? "(" + ratio + ")" : ratio;
    }
}
