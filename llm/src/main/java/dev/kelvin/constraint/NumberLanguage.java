// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/**
 * JSON's numbers with bounds, as automata over their digits. Where there is a bound, exponents are left out: without
 * them the same numbers can be written, and a bound can be kept digit by digit.
 */
final class NumberLanguage {
    private static final int MOST_DIGITS = 400;
    private static final int LARGEST_DIVISOR = 5_000;

    /** What a part of a number has to be, followed digit by digit. Immutable, with equals and hashCode. */
    private interface Tracker {
        /** After another digit; null if no number of this beginning will do. */
        Tracker digit(int digit, boolean fraction);

        boolean holds(boolean negative);
    }

    private enum Phase {
        BEGIN,
        SIGN,
        ZERO,
        WHOLE,
        POINT,
        FRACTION,
        EXPONENT,
        EXPONENT_SIGN,
        EXPONENT_DIGITS
    }

    private record State(Phase phase, boolean negative, List<Tracker> trackers) {}

    private final List<Tracker> trackers = new ArrayList<>();
    private boolean integral;

    /** Only whole numbers, written without a fraction. */
    void integral() {
        integral = true;
    }

    void atLeast(BigDecimal bound, boolean exclusive) throws GrammarException {
        trackers.add(BoundTracker.of(bound, true, exclusive));
    }

    void atMost(BigDecimal bound, boolean exclusive) throws GrammarException {
        trackers.add(BoundTracker.of(bound, false, exclusive));
    }

    void multipleOf(BigDecimal divisor) throws GrammarException {
        BigDecimal plain = divisor.stripTrailingZeros();
        plain = plain.scale() < 0 && plain.scale() > -MOST_DIGITS ? plain.setScale(0) : plain;
        boolean small = plain.scale() >= 0
                && plain.scale() < MOST_DIGITS
                && plain.unscaledValue().bitLength() < 31
                && plain.unscaledValue().intValueExact() <= LARGEST_DIVISOR;
        if (!small) {
            throw new GrammarException("schema: multipleOf " + divisor + " has more than " + LARGEST_DIVISOR
                    + " remainders, which is not supported");
        }
        trackers.add(new MultipleTracker(plain.unscaledValue().intValueExact(), plain.scale(), 0, 0));
    }

    Dfa dfa() throws GrammarException {
        return Dfa.of(
                new Description(),
                CodePoints.boundaries(List.of(
                        CodePoints.of("0"),
                        CodePoints.of("1"),
                        CodePoints.of("2"),
                        CodePoints.of("3"),
                        CodePoints.of("4"),
                        CodePoints.of("5"),
                        CodePoints.of("6"),
                        CodePoints.of("7"),
                        CodePoints.of("8"),
                        CodePoints.of("9"),
                        CodePoints.of("-"),
                        CodePoints.of("+"),
                        CodePoints.of("."),
                        CodePoints.of("e"),
                        CodePoints.of("E"))));
    }

    private final class Description implements Dfa.Description<State> {
        @Override
        public State start() {
            return new State(Phase.BEGIN, false, List.copyOf(trackers));
        }

        @Override
        public boolean accepts(State state) {
            return switch (state.phase()) {
                case ZERO, WHOLE, FRACTION ->
                    state.trackers().stream().allMatch(tracker -> tracker.holds(state.negative()));
                case EXPONENT_DIGITS -> true;
                default -> false;
            };
        }

        @Override
        public State step(State state, int c) {
            if (c >= '0' && c <= '9') {
                return digit(state, c - '0');
            }
            boolean exponents = !integral && state.trackers().isEmpty();
            Phase phase =
                    switch (state.phase()) {
                        case BEGIN -> c == '-' ? Phase.SIGN : null;
                        case ZERO, WHOLE ->
                            c == '.' && !integral ? Phase.POINT : exponents && isExponent(c) ? Phase.EXPONENT : null;
                        case FRACTION -> exponents && isExponent(c) ? Phase.EXPONENT : null;
                        case EXPONENT -> c == '+' || c == '-' ? Phase.EXPONENT_SIGN : null;
                        default -> null;
                    };
            return phase == null ? null : new State(phase, state.negative() || phase == Phase.SIGN, state.trackers());
        }

        private static boolean isExponent(int c) {
            return c == 'e' || c == 'E';
        }

        private State digit(State state, int digit) {
            Phase phase =
                    switch (state.phase()) {
                        case BEGIN, SIGN -> digit == 0 ? Phase.ZERO : Phase.WHOLE;
                        case WHOLE -> Phase.WHOLE;
                        case POINT, FRACTION -> Phase.FRACTION;
                        case EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS -> Phase.EXPONENT_DIGITS;
                        case ZERO -> null;
                    };
            if (phase == null || phase == Phase.EXPONENT_DIGITS) {
                return phase == null ? null : new State(phase, state.negative(), state.trackers());
            }
            List<Tracker> next = new ArrayList<>();
            for (Tracker tracker : state.trackers()) {
                Tracker after = tracker.digit(digit, phase == Phase.FRACTION);
                if (after == null) {
                    return null;
                }
                next.add(after);
            }
            return new State(phase, state.negative(), next);
        }
    }

    /**
     * A bound.
     *
     * @param whole the digits of its size before the point
     * @param fraction those behind it, without zeros at the end
     */
    private record Bound(String whole, String fraction, int sign, boolean lower, boolean exclusive) {}

    /**
     * How a number compares with a bound so far, in size.
     *
     * @param digits how many there are before the point, one more than the bound's at most
     * @param order of the digits so far: −1, 0 or 1
     * @param decimals how many there are behind the point, as many as the bound's at most; −1 before the point
     * @param zero whether all digits are zeros
     */
    private record BoundTracker(Bound bound, int digits, int order, int decimals, boolean zero) implements Tracker {
        static BoundTracker of(BigDecimal value, boolean lower, boolean exclusive) throws GrammarException {
            if (value.precision() > MOST_DIGITS || Math.abs((long) value.scale()) > MOST_DIGITS) {
                throw new GrammarException("schema: a bound of more than " + MOST_DIGITS + " digits is not supported");
            }
            String[] parts = value.abs().toPlainString().split("\\.", -1);
            String fraction = parts.length > 1 ? parts[1].replaceFirst("0+$", "") : "";
            return new BoundTracker(new Bound(parts[0], fraction, value.signum(), lower, exclusive), 0, 0, -1, true);
        }

        @Override
        public Tracker digit(int digit, boolean inFraction) {
            boolean stillZero = zero && digit == 0;
            if (!inFraction) {
                if (digits >= bound.whole().length()) {
                    return new BoundTracker(bound, bound.whole().length() + 1, 0, -1, stillZero);
                }
                int compared = order != 0
                        ? order
                        : Integer.signum(digit - (bound.whole().charAt(digits) - '0'));
                return new BoundTracker(bound, digits + 1, compared, -1, stillZero);
            }
            int before = decimals < 0 ? wholeOrder() : order;
            int index = Math.max(0, decimals);
            boolean beyond = index >= bound.fraction().length();
            int other = beyond ? 0 : bound.fraction().charAt(index) - '0';
            int compared = before != 0 ? before : Integer.signum(digit - other);
            // Where the order is settled, how many digits there are makes no difference any more.
            return new BoundTracker(bound, 0, compared, compared != 0 || beyond ? index : index + 1, stillZero);
        }

        private int wholeOrder() {
            return digits != bound.whole().length()
                    ? Integer.compare(digits, bound.whole().length())
                    : order;
        }

        private int sizeOrder() {
            int so = decimals < 0 ? wholeOrder() : order;
            return so == 0 && Math.max(0, decimals) < bound.fraction().length() ? -1 : so;
        }

        @Override
        public boolean holds(boolean negative) {
            int sign = zero ? 0 : negative ? -1 : 1;
            int compared = sign != bound.sign() ? Integer.compare(sign, bound.sign()) : sign * sizeOrder();
            return compared == 0 ? !bound.exclusive() : compared > 0 == bound.lower();
        }
    }

    /**
     * What is left over after division.
     *
     * @param divisor in units of the last of {@code scale} decimals
     * @param decimals how many there were so far
     */
    private record MultipleTracker(int divisor, int scale, int remainder, int decimals) implements Tracker {
        @Override
        public Tracker digit(int digit, boolean fraction) {
            if (fraction && decimals == scale) {
                return digit == 0 ? this : null;
            }
            int left = (int) ((remainder * 10L + digit) % divisor);
            return new MultipleTracker(divisor, scale, left, fraction ? decimals + 1 : 0);
        }

        @Override
        public boolean holds(boolean negative) {
            long left = remainder;
            for (int i = decimals; i < scale; i++) {
                left = left * 10 % divisor;
            }
            return left == 0;
        }
    }
}
