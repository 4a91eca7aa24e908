// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A set of code points, as ranges that ascend and do not touch. Surrogates are in none: UTF-8 has no form for them. */
final class CodePoints {
    /** All there are. */
    static final CodePoints ALL = of(0, Character.MAX_CODE_POINT);

    static final CodePoints NONE = new CodePoints(List.of());

    /**
     * A range, both ends included.
     *
     * @param first the least code point
     * @param last the greatest
     */
    record Range(int first, int last) {}

    private final List<Range> ranges;

    private CodePoints(List<Range> ranges) {
        this.ranges = ranges;
    }

    /** The code points from {@code first} to {@code last}, both included. */
    static CodePoints of(int first, int last) {
        return of(List.of(new Range(first, last)));
    }

    /** Each code point of a text. */
    static CodePoints of(String text) {
        return of(text.codePoints().mapToObj(point -> new Range(point, point)).toList());
    }

    /** The union of ranges, which may overlap and come in any order. */
    static CodePoints of(List<Range> ranges) {
        List<Range> parts = new ArrayList<>();
        for (Range range : ranges) {
            addUnlessSurrogate(range, parts);
        }
        parts.sort(Comparator.comparingInt(Range::first));
        List<Range> merged = new ArrayList<>();
        for (Range range : parts) {
            Range last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && range.first() <= last.last() + 1) {
                merged.set(merged.size() - 1, new Range(last.first(), Math.max(last.last(), range.last())));
            } else {
                merged.add(range);
            }
        }
        return new CodePoints(merged);
    }

    private static void addUnlessSurrogate(Range range, List<Range> parts) {
        int beforeSurrogates = Math.min(range.last(), Character.MIN_SURROGATE - 1);
        int afterSurrogates = Math.max(range.first(), Character.MAX_SURROGATE + 1);
        if (range.first() <= beforeSurrogates) {
            parts.add(new Range(range.first(), beforeSurrogates));
        }
        if (afterSurrogates <= range.last()) {
            parts.add(new Range(afterSurrogates, range.last()));
        }
    }

    List<Range> ranges() {
        return ranges;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    boolean contains(int point) {
        int low = 0;
        int high = ranges.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Range range = ranges.get(middle);
            if (point < range.first()) {
                high = middle - 1;
            } else if (point > range.last()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    CodePoints union(CodePoints other) {
        List<Range> all = new ArrayList<>(ranges);
        all.addAll(other.ranges);
        return of(all);
    }

    CodePoints complement() {
        List<Range> gaps = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            if (range.first() > next) {
                gaps.add(new Range(next, range.first() - 1));
            }
            next = range.last() + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            gaps.add(new Range(next, Character.MAX_CODE_POINT));
        }
        return of(gaps);
    }

    CodePoints intersect(CodePoints other) {
        return complement().union(other.complement()).complement();
    }

    /** The places at which some set begins or ends: all code points from one to before the next are alike. */
    static int[] boundaries(List<CodePoints> sets) {
        return sets.stream()
                .flatMap(set -> set.ranges.stream())
                .flatMapToInt(range -> Arrays.stream(new int[] {range.first(), range.last() + 1}))
                .sorted()
                .distinct()
                .toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CodePoints set && ranges.equals(set.ranges);
    }

    @Override
    public int hashCode() {
        return ranges.hashCode();
    }
}
