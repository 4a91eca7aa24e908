// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The sets of characters that regular expressions have names for. */
final class CharacterClasses {
    static final CodePoints DIGITS = CodePoints.of('0', '9');
    static final CodePoints WORD =
            DIGITS.union(CodePoints.of('a', 'z')).union(CodePoints.of('A', 'Z')).union(CodePoints.of("_"));
    static final CodePoints SPACE = CodePoints.of("\t\n\u000b\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff")
            .union(CodePoints.of(0x2000, 0x200a));

    private static final Map<String, String> LONG_NAMES = Map.ofEntries(
            Map.entry("Letter", "L"),
            Map.entry("Uppercase_Letter", "Lu"),
            Map.entry("Lowercase_Letter", "Ll"),
            Map.entry("Titlecase_Letter", "Lt"),
            Map.entry("Modifier_Letter", "Lm"),
            Map.entry("Other_Letter", "Lo"),
            Map.entry("Mark", "M"),
            Map.entry("Number", "N"),
            Map.entry("Decimal_Number", "Nd"),
            Map.entry("digit", "Nd"),
            Map.entry("Punctuation", "P"),
            Map.entry("punct", "P"),
            Map.entry("Symbol", "S"),
            Map.entry("Separator", "Z"),
            Map.entry("Space_Separator", "Zs"),
            Map.entry("Control", "Cc"));

    /** The general categories by their numbers in {@link Character}. */
    private static final String[] CATEGORIES = {
        "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "", "Zs", "Zl", "Zp", "Cc", "Cf", "",
        "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc", "Sk", "So", "Pi", "Pf"
    };

    private CharacterClasses() {}

    /** The characters with a property, or null if its name is unknown. */
    static CodePoints property(String name) {
        int equals = name.indexOf('=');
        String value = name.substring(equals + 1);
        String key = equals < 0 ? "" : name.substring(0, equals);
        if (key.equals("Script") || key.equals("sc")) {
            return script(value);
        }
        if (!key.isEmpty() && !key.equals("General_Category") && !key.equals("gc")) {
            return null;
        }
        return switch (value) {
            case "Any" -> CodePoints.ALL;
            case "ASCII" -> CodePoints.of(0, 0x7f);
            case "Alphabetic", "Alpha" -> where(Character::isAlphabetic);
            case "Uppercase" -> where(Character::isUpperCase);
            case "Lowercase" -> where(Character::isLowerCase);
            case "White_Space" -> SPACE;
            default -> category(LONG_NAMES.getOrDefault(value, value));
        };
    }

    private static CodePoints category(String name) {
        boolean known = false;
        for (String category : CATEGORIES) {
            known |= !category.isEmpty() && !name.isEmpty() && category.startsWith(name);
        }
        return known ? where(point -> CATEGORIES[Character.getType(point)].startsWith(name)) : null;
    }

    private static CodePoints script(String name) {
        try {
            Character.UnicodeScript script = Character.UnicodeScript.forName(name);
            return where(point -> Character.UnicodeScript.of(point) == script);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static CodePoints where(IntPredicate property) {
        List<CodePoints.Range> ranges = new ArrayList<>();
        int begin = -1;
        for (int point = 0; point <= Character.MAX_CODE_POINT + 1; point++) {
            boolean in = point <= Character.MAX_CODE_POINT && property.test(point);
            if (in && begin < 0) {
                begin = point;
            } else if (!in && begin >= 0) {
                ranges.add(new CodePoints.Range(begin, point - 1));
                begin = -1;
            }
        }
        return CodePoints.of(ranges);
    }
}
