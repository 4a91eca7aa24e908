// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** C's {@code strftime} in the C locale, with the flags of glibc. A time has no zone. */
final class Strftime {
    private Strftime() {}

    static String format(String format, LocalDateTime time, Budget budget) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < format.length()) {
            budget.step();
            char c = format.charAt(at++);
            if (c != '%' || at == format.length()) {
                out.append(c);
                continue;
            }
            int begin = at;
            char flag = "-_0^#".indexOf(format.charAt(at)) >= 0 ? format.charAt(at++) : 0;
            String field = at < format.length() ? field(format.charAt(at), flag, time, budget) : null;
            if (field == null) {
                out.append('%');
                at = begin;
            } else {
                out.append(flag == '^' ? field.toUpperCase(Locale.ROOT) : field);
                at++;
            }
        }
        budget.chars(out.length());
        return out.toString();
    }

    private static String field(char letter, char flag, LocalDateTime time, Budget budget) {
        int hour12 = time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
        int weekday = time.getDayOfWeek().getValue() % 7;
        int yearday = time.getDayOfYear() - 1;
        return switch (letter) {
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' -> month(time).substring(0, 3);
            case 'B' -> month(time);
            case 'c' -> format("%a %b %e %H:%M:%S %Y", time, budget);
            case 'C' -> number(time.getYear() / 100, 2, '0', flag);
            case 'd' -> number(time.getDayOfMonth(), 2, '0', flag);
            case 'D', 'x' -> format("%m/%d/%y", time, budget);
            case 'e' -> number(time.getDayOfMonth(), 2, '_', flag);
            case 'f' -> number(time.getNano() / 1000, 6, '0', (char) 0);
            case 'F' -> format("%Y-%m-%d", time, budget);
            case 'g' -> number(time.get(IsoFields.WEEK_BASED_YEAR) % 100, 2, '0', flag);
            case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 1, '0', flag);
            case 'H' -> number(time.getHour(), 2, '0', flag);
            case 'I' -> number(hour12, 2, '0', flag);
            case 'j' -> number(yearday + 1, 3, '0', flag);
            case 'k' -> number(time.getHour(), 2, '_', flag);
            case 'l' -> number(hour12, 2, '_', flag);
            case 'm' -> number(time.getMonthValue(), 2, '0', flag);
            case 'M' -> number(time.getMinute(), 2, '0', flag);
            case 'n' -> "\n";
            case 'p' -> flag == '#' ? half(time).toLowerCase(Locale.ROOT) : half(time);
            case 'P' -> half(time).toLowerCase(Locale.ROOT);
            case 'r' -> format("%I:%M:%S %p", time, budget);
            case 'R' -> format("%H:%M", time, budget);
            case 's' -> Long.toString(time.toEpochSecond(ZoneOffset.UTC));
            case 'S' -> number(time.getSecond(), 2, '0', flag);
            case 't' -> "\t";
            case 'T', 'X' -> format("%H:%M:%S", time, budget);
            case 'u' -> number(time.getDayOfWeek().getValue(), 1, '0', flag);
            case 'U' -> number((yearday + 7 - weekday) / 7, 2, '0', flag);
            case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, '0', flag);
            case 'w' -> number(weekday, 1, '0', flag);
            case 'W' -> number((yearday + 7 - (weekday + 6) % 7) / 7, 2, '0', flag);
            case 'y' -> number(time.getYear() % 100, 2, '0', flag);
            case 'Y' -> number(time.getYear(), 1, '0', flag);
            case 'z', 'Z' -> "";
            case '%' -> "%";
            default -> null;
        };
    }

    private static String month(LocalDateTime time) {
        return time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
    }

    private static String half(LocalDateTime time) {
        return time.getHour() < 12 ? "AM" : "PM";
    }

    private static String number(int value, int width, char pad, char flag) {
        char fill = flag == '-' ? 0 : flag == '_' ? ' ' : flag == '0' ? '0' : pad == '_' ? ' ' : pad;
        String digits = Integer.toString(value);
        return fill == 0 ? digits : Character.toString(fill).repeat(Math.max(0, width - digits.length())) + digits;
    }
}
