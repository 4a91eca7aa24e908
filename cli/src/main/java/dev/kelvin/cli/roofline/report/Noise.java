// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.Arrays;

/**
 * How quiet the machine was. A loop of a fixed number of cycles ran before and after each JVM's measurements; on a
 * quiet machine it always takes the same time.
 *
 * @param pulses nanoseconds of each of these loops, in the order of time
 * @param cycles that such a loop takes
 * @param stolen the share of processor time in [0, 1] that a hypervisor gave to others meanwhile; NaN if unknown
 */
public record Noise(double[] pulses, double cycles, double stolen) {
    private static final double QUIET = 0.03;
    private static final double RESTLESS = 0.10;
    private static final double STOLEN = 0.01;

    /** Whether the figures can be believed. */
    public enum Verdict {
        /** They can. */
        QUIET("quiet: believe the figures"),
        /** Ratios of this run can, other runs differ. */
        RESTLESS("restless: believe the ratios, measure again before you believe a difference below a tenth"),
        /** They cannot. */
        NOISY("noisy: something else was running; measure again");

        private final String sentence;

        Verdict(String sentence) {
            this.sentence = sentence;
        }

        /** What it means for a reader. */
        public String sentence() {
            return sentence;
        }
    }

    /**
     * The distance of the tenth to the ninetieth hundredth of the loops, as a share of their median; 0 without loops.
     */
    public double spread() {
        return pulses.length == 0 ? 0 : (quantile(0.9) - quantile(0.1)) / quantile(0.5);
    }

    /** The clock of a processor in GHz, from the fastest tenth of the loops; NaN without loops. */
    public double clock() {
        return pulses.length == 0 ? Double.NaN : cycles / quantile(0.1);
    }

    /** Whether the figures can be believed. */
    public Verdict verdict() {
        if (spread() > RESTLESS || stolen > 5 * STOLEN) {
            return Verdict.NOISY;
        }
        return spread() > QUIET || stolen > STOLEN ? Verdict.RESTLESS : Verdict.QUIET;
    }

    private double quantile(double share) {
        double[] ascending = pulses.clone();
        Arrays.sort(ascending);
        return ascending[(int) Math.round(share * (ascending.length - 1))];
    }
}
