// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to take a string apart. */
final class Splits {
    private Splits() {}

    /** At a separator, or at white space if it is null; at most {@code limit} times, negative for always. */
    static List<Object> split(String text, String separator, long limit, Budget budget) {
        long most = limit < 0 ? Long.MAX_VALUE : limit;
        if (separator == null) {
            return words(text, most, budget);
        }
        requireSeparator(separator);
        List<Object> parts = new ArrayList<>();
        int at = 0;
        for (int place : Search.places(text, separator, most, budget)) {
            parts.add(text.substring(at, place));
            at = place + separator.length();
        }
        parts.add(text.substring(at));
        return parts;
    }

    private static List<Object> words(String text, long limit, Budget budget) {
        List<Object> words = new ArrayList<>();
        int at = skip(text, 0, true);
        while (at < text.length()) {
            budget.step();
            int end = words.size() < limit ? skip(text, at, false) : text.length();
            String word = text.substring(at, end);
            words.add(word);
            at = skip(text, end, true);
        }
        return words;
    }

    private static int skip(String text, int from, boolean space) {
        int at = from;
        while (at < text.length() && Texts.isSpace(text.codePointAt(at)) == space) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    /** Like {@link #split}, from the end. */
    static List<Object> rsplit(String text, String separator, long limit, Budget budget) {
        long most = limit < 0 ? Long.MAX_VALUE : limit;
        List<Object> parts = new ArrayList<>();
        if (separator != null) {
            requireSeparator(separator);
            int end = text.length();
            for (int place; parts.size() < most; end = place) {
                budget.step();
                place = Search.lastIndexOf(text, separator, end, budget);
                if (place < 0) {
                    break;
                }
                parts.add(text.substring(place + separator.length(), end));
            }
            parts.add(text.substring(0, end));
        } else {
            String rest = StringMethods.strip(text, null, false, true);
            while (!rest.isEmpty()) {
                budget.chars(rest.length());
                int begin = rest.length();
                while (begin > 0 && !Texts.isSpace(rest.codePointBefore(begin)) && parts.size() < most) {
                    begin -= Character.charCount(rest.codePointBefore(begin));
                }
                if (parts.size() == most) {
                    parts.add(rest);
                    break;
                }
                parts.add(rest.substring(begin));
                rest = StringMethods.strip(rest.substring(0, begin), null, false, true);
            }
        }
        Collections.reverse(parts);
        return parts;
    }

    private static void requireSeparator(String separator) {
        if (separator.isEmpty()) {
            throw TemplateError.runtime("empty separator");
        }
    }

    /** The lines of a string, at every line boundary that Python knows. */
    static List<Object> lines(String text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isLineEnd(text.charAt(i))) {
                int end = i;
                if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                lines.add(text.substring(begin, keepEnds ? i + 1 : end));
                begin = i + 1;
            }
        }
        if (begin < text.length()) {
            lines.add(text.substring(begin));
        }
        return lines;
    }

    private static boolean isLineEnd(char c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static Tuple partition(String text, String separator, Budget budget) {
        requireSeparator(separator);
        int place = Search.indexOf(text, separator, 0, budget);
        return place < 0 ? new Tuple(List.of(text, "", "")) : around(text, place, separator);
    }

    static Tuple rpartition(String text, String separator, Budget budget) {
        requireSeparator(separator);
        int place = Search.lastIndexOf(text, separator, text.length(), budget);
        return place < 0 ? new Tuple(List.of("", "", text)) : around(text, place, separator);
    }

    private static Tuple around(String text, int place, String separator) {
        return new Tuple(List.of(text.substring(0, place), separator, text.substring(place + separator.length())));
    }
}
