// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Python's arithmetic: integers of any size, floats, booleans as 0 and 1. */
final class Numbers {
    private static final long EXACT = 1L << 53;
    private static final MathContext BEYOND_DOUBLE = new MathContext(40);

    private Numbers() {}

    /** An integer as it is kept: a Long where it fits. */
    static Object normal(BigInteger value) {
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    static BigInteger big(Object integer) {
        return switch (integer) {
            case BigInteger big -> big;
            case Boolean flag -> flag ? BigInteger.ONE : BigInteger.ZERO;
            default -> BigInteger.valueOf((Long) integer);
        };
    }

    private static boolean isSmall(Object integer) {
        return !(integer instanceof BigInteger);
    }

    private static long small(Object integer) {
        return integer instanceof Boolean flag ? (flag ? 1 : 0) : (Long) integer;
    }

    static double real(Object number) {
        return switch (number) {
            case Double value -> value;
            case BigInteger big -> {
                double value = big.doubleValue();
                if (Double.isInfinite(value)) {
                    throw TemplateError.runtime("int too large to convert to float");
                }
                yield value;
            }
            default -> small(number);
        };
    }

    /** An integer as an index or a count; beyond 64 bits the largest there is. */
    static long index(Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean flag -> flag ? 1 : 0;
            case BigInteger big -> big.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            case Undefined undefined -> throw undefined.error();
            case null, default ->
                throw TemplateError.runtime("'" + Types.name(value) + "' object cannot be interpreted as an integer");
        };
    }

    static Object add(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            return real(a) + real(b);
        }
        if (isSmall(a) && isSmall(b)) {
            long sum = small(a) + small(b);
            if (((small(a) ^ sum) & (small(b) ^ sum)) >= 0) {
                return sum;
            }
        }
        return normal(big(a).add(big(b)));
    }

    static Object subtract(Object a, Object b) {
        return a instanceof Double || b instanceof Double
                ? (Object) (real(a) - real(b))
                : normal(big(a).subtract(big(b)));
    }

    static Object multiply(Object a, Object b, Budget budget) {
        if (a instanceof Double || b instanceof Double) {
            return real(a) * real(b);
        }
        budget.bits((long) big(a).bitLength() + big(b).bitLength());
        return normal(big(a).multiply(big(b)));
    }

    static Object divide(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            if (real(b) == 0) {
                throw TemplateError.runtime("float division by zero");
            }
            return real(a) / real(b);
        }
        BigInteger divisor = big(b);
        if (divisor.signum() == 0) {
            throw TemplateError.runtime("division by zero");
        }
        if (isSmall(a) && isSmall(b) && Math.abs(small(a)) <= EXACT && Math.abs(small(b)) <= EXACT) {
            return (double) small(a) / small(b);
        }
        return new BigDecimal(big(a))
                .divide(new BigDecimal(divisor), BEYOND_DOUBLE)
                .doubleValue();
    }

    static Object floorDivide(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            double divisor = real(b);
            if (divisor == 0) {
                throw TemplateError.runtime("float floor division by zero");
            }
            double quotient = (real(a) - remainder(real(a), divisor)) / divisor;
            double floor = Math.floor(quotient);
            return quotient - floor > 0.5 ? floor + 1 : floor;
        }
        return floorDivide(big(a), big(b))[0];
    }

    static Object modulo(Object a, Object b) {
        if (a instanceof Double || b instanceof Double) {
            if (real(b) == 0) {
                throw TemplateError.runtime("float modulo");
            }
            return remainder(real(a), real(b));
        }
        return floorDivide(big(a), big(b))[1];
    }

    private static Object[] floorDivide(BigInteger a, BigInteger b) {
        if (b.signum() == 0) {
            throw TemplateError.runtime("integer division or modulo by zero");
        }
        BigInteger[] parts = a.divideAndRemainder(b);
        if (parts[1].signum() != 0 && parts[1].signum() != b.signum()) {
            parts[0] = parts[0].subtract(BigInteger.ONE);
            parts[1] = parts[1].add(b);
        }
        return new Object[] {normal(parts[0]), normal(parts[1])};
    }

    /** With the sign of the divisor. */
    private static double remainder(double a, double b) {
        double rest = a % b;
        if (rest == 0) {
            return Math.copySign(0, b);
        }
        return rest < 0 == b < 0 ? rest : rest + b;
    }

    static Object power(Object a, Object b, Budget budget) {
        if (a instanceof Double || b instanceof Double || big(b).signum() < 0) {
            return realPower(real(a), real(b));
        }
        BigInteger base = big(a);
        BigInteger exponent = big(b);
        if (base.abs().compareTo(BigInteger.ONE) <= 0) {
            return normal(exponent.signum() == 0 ? BigInteger.ONE : exponent.testBit(0) ? base : base.multiply(base));
        }
        budget.bits(exponent.bitLength() > 31 ? Long.MAX_VALUE : (base.bitLength() - 1L) * exponent.longValue());
        return normal(base.pow(exponent.intValueExact()));
    }

    private static double realPower(double base, double exponent) {
        if (base == 0 && exponent < 0) {
            throw TemplateError.runtime("0.0 cannot be raised to a negative power");
        }
        if (base < 0 && Double.isFinite(exponent) && exponent != Math.rint(exponent)) {
            throw TemplateError.runtime("a root of a negative number is complex");
        }
        if (base == 1 || exponent == 0) {
            return 1;
        }
        double power = Math.pow(base, exponent);
        if (Double.isInfinite(power) && Double.isFinite(base) && Double.isFinite(exponent)) {
            throw TemplateError.runtime("(34, 'Numerical result out of range')");
        }
        return power;
    }

    static Object negate(Object a) {
        return a instanceof Double value ? (Object) (-value) : normal(big(a).negate());
    }

    static Object plus(Object a) {
        return a instanceof Boolean ? (Object) small(a) : a;
    }

    static Object abs(Object a) {
        return a instanceof Double value ? (Object) Math.abs(value) : normal(big(a).abs());
    }

    /** Towards zero. */
    static Object truncate(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw TemplateError.runtime(
                    "cannot convert float " + (Double.isNaN(value) ? "NaN" : "infinity") + " to integer");
        }
        return normal(new BigDecimal(value).toBigInteger());
    }

    /** To a number of decimals, halves to the even digit, as exactly as the float is. */
    static Object round(Object value, long decimals) {
        if (Types.isInteger(value)) {
            if (decimals >= 0) {
                return plus(value);
            }
            int scale = (int) Math.max(decimals, -20_000);
            return normal(new BigDecimal(big(value))
                    .setScale(scale, RoundingMode.HALF_EVEN)
                    .toBigInteger());
        }
        double real = real(value);
        if (!Double.isFinite(real) || decimals > 330) {
            return real;
        }
        if (decimals < -330) {
            return Math.copySign(0, real);
        }
        double rounded = new BigDecimal(real)
                .setScale((int) decimals, RoundingMode.HALF_EVEN)
                .doubleValue();
        return Math.copySign(rounded, real);
    }

    /** Exact across types; NaN is left to the caller. */
    static int compare(Object a, Object b) {
        if (isSmallInteger(a) && isSmallInteger(b)) {
            return Long.compare(small(a), small(b));
        }
        if (a instanceof Double left && b instanceof Double right) {
            // Not as Double compares: both zeros are equal.
            return left < right ? -1 : left > right ? 1 : 0;
        }
        double infinity = a instanceof Double left && Double.isInfinite(left)
                ? left
                : b instanceof Double right && Double.isInfinite(right) ? -right : 0;
        return infinity != 0 ? (int) Math.signum(infinity) : decimal(a).compareTo(decimal(b));
    }

    private static boolean isSmallInteger(Object value) {
        return value instanceof Long || value instanceof Boolean;
    }

    private static BigDecimal decimal(Object number) {
        return number instanceof Double value ? new BigDecimal(value) : new BigDecimal(big(number));
    }

    static boolean isNaN(Object value) {
        return value instanceof Double number && Double.isNaN(number);
    }
}
