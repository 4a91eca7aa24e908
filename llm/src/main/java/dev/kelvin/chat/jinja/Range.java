// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.AbstractList;

/** Integers in steps, not stored. */
final class Range extends AbstractList<Object> {
    /** The sandbox allows no more. */
    private static final int MAX_SIZE = 100_000;

    private final long begin;
    private final long end;
    private final long step;
    private final int size;

    Range(long begin, long end, long step) {
        if (step == 0) {
            throw TemplateError.runtime("range() arg 3 must not be zero");
        }
        boolean empty = step > 0 ? begin >= end : begin <= end;
        // Unsigned: a distance may have 64 bits.
        long distance = step > 0 ? end - begin : begin - end;
        long stride = step > 0 ? step : -step;
        long count = empty ? 0 : 1 + Long.divideUnsigned(distance - 1, stride);
        if (Long.compareUnsigned(count, MAX_SIZE) > 0) {
            throw TemplateError.runtime(
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + MAX_SIZE + ").");
        }
        this.begin = begin;
        this.end = end;
        this.step = step;
        this.size = (int) count;
    }

    @Override
    public Object get(int index) {
        return begin + index * step;
    }

    /** Those in places from {@code first} to before {@code last}, both within the range or one beyond. */
    Range slice(long first, long last, long stride) {
        return new Range(begin + first * step, begin + last * step, step * stride);
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String toString() {
        return "range(" + begin + ", " + end + (step == 1 ? ")" : ", " + step + ")");
    }
}
