// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/** Looking for strings in strings, in linear time: both may come from somebody with bad intentions. */
final class Search {
    /** Up to this product of lengths the plain search cannot take long. */
    private static final long PLAIN = 1 << 16;

    private Search() {}

    /** The first place of {@code needle} from {@code from} on, in UTF-16 units; −1 if there is none. */
    static int indexOf(String text, String needle, int from, Budget budget) {
        if ((long) (text.length() - from) * needle.length() <= PLAIN || needle.length() < 4) {
            return text.indexOf(needle, from);
        }
        budget.chars((long) text.length() - from + needle.length());
        // Knuth, Morris and Pratt: never goes back in the text.
        int[] border = new int[needle.length() + 1];
        border[0] = -1;
        for (int i = 0, k = -1; i < needle.length(); border[++i] = ++k) {
            while (k >= 0 && needle.charAt(k) != needle.charAt(i)) {
                k = border[k];
            }
        }
        for (int i = from, k = 0; i < text.length(); i++) {
            while (k >= 0 && needle.charAt(k) != text.charAt(i)) {
                k = border[k];
            }
            if (++k == needle.length()) {
                return i + 1 - k;
            }
        }
        return -1;
    }

    /** The last place of {@code needle} that ends at or before {@code end}; −1 if there is none. */
    static int lastIndexOf(String text, String needle, int end, Budget budget) {
        if (needle.length() > end) {
            return -1;
        }
        budget.chars(end);
        String backwards = reversed(text.substring(0, end));
        int found = indexOf(backwards, reversed(needle), 0, budget);
        return found < 0 ? -1 : end - found - needle.length();
    }

    private static String reversed(String text) {
        char[] units = new char[text.length()];
        for (int i = 0; i < units.length; i++) {
            units[i] = text.charAt(units.length - 1 - i);
        }
        return new String(units);
    }

    /** The places of {@code needle}, which is not empty, that do not overlap; at most {@code limit}. */
    static List<Integer> places(String text, String needle, long limit, Budget budget) {
        List<Integer> places = new ArrayList<>();
        int at = 0;
        while (places.size() < limit && (at = indexOf(text, needle, at, budget)) >= 0) {
            budget.step();
            places.add(at);
            at += needle.length();
        }
        return places;
    }

    /** Python's {@code str.replace}; a negative limit is none. */
    static String replace(String text, String old, String by, long limit, Budget budget) {
        long most = limit < 0 ? Long.MAX_VALUE : limit;
        if (old.isEmpty()) {
            return between(text, by, most, budget);
        }
        List<Integer> places = places(text, old, most, budget);
        if (places.isEmpty()) {
            return text;
        }
        budget.chars(text.length() + (long) places.size() * (by.length() - old.length()));
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (int place : places) {
            out.append(text, at, place).append(by);
            at = place + old.length();
        }
        return out.append(text, at, text.length()).toString();
    }

    private static String between(String text, String by, long limit, Budget budget) {
        long count = Math.min(limit, text.codePointCount(0, text.length()) + 1L);
        budget.chars(text.length() + count * by.length());
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (long i = 0; i < count; i++) {
            out.append(by);
            int next = at < text.length() ? text.offsetByCodePoints(at, 1) : at;
            out.append(text, at, next);
            at = next;
        }
        return out.append(text, at, text.length()).toString();
    }
}
