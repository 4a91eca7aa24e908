// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import java.util.Arrays;

/**
 * How many tokens are worth guessing: what passes of more rows have cost, against what guesses are likely to win.
 *
 * <p>Costs are learned from passes, in units of a pass of one row. Kernels take rows by four, so passes are told apart
 * as those of 1, 2, 3 and 4 rows, of up to 8, 12 and so on. A pass may be slow for reasons of its own, as it is
 * compiled or others compute: none counts as more than twice or less than half of what was expected.
 *
 * <p>Guesses that are not worth it by what is known of a text are tried in order to know more, out of {@link #spare}:
 * what guesses have won lately, and one pass in two hundred.
 */
final class PassCosts {
    /** What a row more is taken to cost as long as no pass had so many, at most: so little that it is tried. */
    private static final double FIRST_SLOPE = 0.25;

    private static final double MOST_OFF = 2;

    /** In passes, of those that are twice as dear as was hoped or more. */
    private static final double MEMORY = 64;

    /** Estimates that look good are too good on the average. */
    private static final double LEAST_GAIN = 1.1;

    /** A token that is right more seldom is not worth a row, however little rows seem to cost. */
    private static final double LEAST_PROBABLE = 0.1;

    /** Spare passes at first, at most, and for each pass. */
    private static final double FIRST_SPARE = 1;

    private static final double MOST_SPARE = 4;
    private static final double SPARE_OF_A_PASS = 0.005;

    private final double[] costs;
    private double nanosOfRow;
    private double spare = FIRST_SPARE;

    private int answers;
    private int rows;
    private double tokens;
    private double costOfAnswers;

    /**
     * Nothing known.
     *
     * @param mostRows of a pass
     */
    PassCosts(int mostRows) {
        costs = new double[size(mostRows) + 1];
        costs[0] = 1;
    }

    /** Passes are told apart by this; 0 is one of one row. */
    private static int size(int rows) {
        return rows <= 4 ? rows - 1 : 2 + Math.ceilDiv(rows, 4);
    }

    private static int rows(int size) {
        return size < 4 ? size + 1 : 4 * (size - 2);
    }

    /** Learns what a pass of so many rows took. */
    void learn(int rows, long nanos) {
        int size = Math.min(size(rows), costs.length - 1);
        double expected = cost(size);
        if (nanosOfRow == 0) {
            nanosOfRow = nanos / expected;
        }
        double off = Math.clamp(nanos / (nanosOfRow * expected), 1 / MOST_OFF, MOST_OFF) - 1;
        if (size == 0) {
            nanosOfRow *= 1 + off / 4;
        } else {
            // All passes may have become slower or faster, of which those of one row would tell.
            nanosOfRow *= 1 + off / 16;
            costs[size] = expected * (1 + (costs[size] == 0 ? off / 2 : off / 4));
        }
        forget(size);
    }

    /** That others were dear is believed less and less, the dearer the sooner: they may have been compiled since. */
    private void forget(int learned) {
        for (int size = 1; size < costs.length; size++) {
            double hoped = hoped(rows(size));
            if (costs[size] > hoped && size != learned) {
                costs[size] -= (costs[size] - hoped) * Math.min(1, costs[size] / hoped - 1) / MEMORY;
            }
        }
    }

    /** What passes of so many rows cost; where there was none, by those of fewer and of more. */
    private double cost(int size) {
        if (costs[size] > 0) {
            return costs[size];
        }
        int below = size;
        while (costs[below] == 0) {
            below--;
        }
        int above = size;
        while (above < costs.length && costs[above] == 0) {
            above++;
        }
        double slope = FIRST_SLOPE;
        if (above < costs.length) {
            slope = (costs[above] - costs[below]) / (rows(above) - rows(below));
        } else if (below > 0) {
            slope = Math.min(slope, (costs[below] - 1) / (rows(below) - 1));
        }
        return costs[below] + slope * (rows(size) - rows(below));
    }

    /** What passes of so many rows are taken to cost before there was one. */
    private static double hoped(int rows) {
        return 1 + FIRST_SLOPE * (rows - 1);
    }

    private double costOf(int rows) {
        return cost(Math.min(size(rows), costs.length - 1));
    }

    /** Begins to plan a pass of so many answers, which have so many rows without guesses. */
    void begin(int answers, int rows) {
        this.answers = answers;
        this.rows = rows;
        tokens = answers;
        costOfAnswers = costOf(rows);
        spare = Math.min(MOST_SPARE, spare + SPARE_OF_A_PASS);
    }

    /**
     * As many tokens of a guess as make most tokens of the pass in its time; none where it makes more without.
     *
     * @param right how probable it is that a token is right, if all before it are
     * @param most tokens
     */
    int worth(double right, int most) {
        return worth(right, most, false);
    }

    /** The same for a guess that is tried to know more, be it of costs: the price is no more than is spare. */
    int worthTrying(double right, int most) {
        return worth(right, most, true);
    }

    private int worth(double right, int most, boolean trying) {
        if (nanosOfRow == 0) {
            return 0; // against the first pass of all others would look cheap or dear
        }
        double best = (trying ? 1 : LEAST_GAIN) * tokens / costOf(rows);
        int worth = 0;
        double probable = 1;
        double expected = 0;
        for (int guessed = 1; guessed <= most && probable * right >= LEAST_PROBABLE; guessed++) {
            probable *= right;
            expected += probable;
            int all = rows + guessed;
            boolean last = guessed == most || probable * right < LEAST_PROBABLE;
            boolean whole = all <= 4 || all % 4 == 0 || last;
            double cost = trying ? Math.min(costOf(all), hoped(all)) : costOf(all);
            boolean canPay = !trying || price(guessed) <= spare;
            if (whole && canPay && (tokens + expected) / cost > best) {
                best = (tokens + expected) / cost;
                worth = guessed;
            }
        }
        return worth;
    }

    /** What so many rows more cost, in passes without guesses. */
    private double price(int guessed) {
        return (costOf(rows + guessed) - costOf(rows)) / costOfAnswers;
    }

    /**
     * Plans a guess.
     *
     * @param right as in {@link #worth}
     * @return its price, for {@link #settle}
     */
    double plan(int guessed, double right) {
        double price = price(guessed);
        rows += guessed;
        for (int i = 1; i <= guessed; i++) {
            tokens += Math.pow(right, i);
        }
        return price;
    }

    /** Takes what a guess has won, and pays its price. */
    void settle(int right, double price) {
        spare = Math.clamp(spare + (double) right / answers - price, 0, MOST_SPARE);
    }

    @Override
    public String toString() {
        return "costs " + Arrays.toString(costs) + " of " + nanosOfRow + " ns, spare " + spare;
    }
}
