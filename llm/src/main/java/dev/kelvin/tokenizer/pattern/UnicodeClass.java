// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.pattern;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Classes of code points by name, as the JDK's edition of Unicode has them. */
public final class UnicodeClass {
    private static final Map<String, IntPredicate> NAMED = new HashMap<>();

    static {
        categories("l letter", "Lu Ll Lt Lm Lo");
        categories("lc casedletter", "Lu Ll Lt");
        categories("m mark combiningmark", "Mn Mc Me");
        categories("n number", "Nd Nl No");
        categories("p punctuation", "Pc Pd Ps Pe Pi Pf Po");
        categories("s symbol", "Sm Sc Sk So");
        categories("z separator", "Zs Zl Zp");
        categories("c other", "Cc Cf Cs Co Cn");
        categories("lu uppercaseletter", "Lu");
        categories("ll lowercaseletter", "Ll");
        categories("lt titlecaseletter", "Lt");
        categories("lm modifierletter", "Lm");
        categories("lo otherletter", "Lo");
        categories("mn nonspacingmark", "Mn");
        categories("mc spacingmark", "Mc");
        categories("me enclosingmark", "Me");
        categories("nd decimalnumber digit", "Nd");
        categories("nl letternumber", "Nl");
        categories("no othernumber", "No");
        categories("pc connectorpunctuation", "Pc");
        categories("pd dashpunctuation", "Pd");
        categories("ps openpunctuation", "Ps");
        categories("pe closepunctuation", "Pe");
        categories("pi initialpunctuation", "Pi");
        categories("pf finalpunctuation", "Pf");
        categories("po otherpunctuation", "Po");
        categories("sm mathsymbol", "Sm");
        categories("sc currencysymbol", "Sc");
        categories("sk modifiersymbol", "Sk");
        categories("so othersymbol", "So");
        categories("zs spaceseparator", "Zs");
        categories("zl lineseparator", "Zl");
        categories("zp paragraphseparator", "Zp");
        categories("cc control cntrl", "Cc");
        categories("cf format", "Cf");
        categories("cs surrogate", "Cs");
        categories("co privateuse", "Co");
        categories("cn unassigned", "Cn");
        put("any", point -> true);
        put("assigned", point -> Character.getType(point) != Character.UNASSIGNED);
        put("ascii", point -> point < 0x80);
        put("alpha alphabetic", Character::isAlphabetic);
        put("upper uppercase", Character::isUpperCase);
        put("lower lowercase", Character::isLowerCase);
        put("alnum", point -> Character.isAlphabetic(point) || category(point, Character.DECIMAL_DIGIT_NUMBER));
        put("word w", UnicodeClass::isWord);
        put("rustword", UnicodeClass::isRustWord);
        put("space whitespace", UnicodeClass::isSpace);
        put("blank", point -> point == '\t' || category(point, Character.SPACE_SEPARATOR));
        put("xdigit asciihexdigit ahex", point -> point < 0x80 && Character.digit(point, 16) >= 0);
        put("punct", point -> isPunctuation(point) || "$+<=>^`|~".indexOf(point) >= 0);
        put("graph", point -> !isSpace(point) && isVisible(point));
        put("print", point -> isVisible(point) && !category(point, Character.CONTROL));
        put("ideographic ideo", Character::isIdeographic);
        put("emoji", Character::isEmoji);
        put("emojipresentation epres", Character::isEmojiPresentation);
        put("emojimodifier emod", Character::isEmojiModifier);
        put("emojimodifierbase ebase", Character::isEmojiModifierBase);
        put("emojicomponent ecomp", Character::isEmojiComponent);
        put("extendedpictographic extpict", Character::isExtendedPictographic);
    }

    private UnicodeClass() {}

    private static void put(String names, IntPredicate rule) {
        for (String name : names.split(" ", -1)) {
            NAMED.put(name, rule);
        }
    }

    private static void categories(String names, String members) {
        int set = 0;
        for (String member : members.split(" ", -1)) {
            set |= 1 << type(member);
        }
        int types = set;
        put(names, point -> (types >> Character.getType(point) & 1) != 0);
    }

    private static int type(String category) {
        return switch (category) {
            case "Lu" -> Character.UPPERCASE_LETTER;
            case "Ll" -> Character.LOWERCASE_LETTER;
            case "Lt" -> Character.TITLECASE_LETTER;
            case "Lm" -> Character.MODIFIER_LETTER;
            case "Lo" -> Character.OTHER_LETTER;
            case "Mn" -> Character.NON_SPACING_MARK;
            case "Mc" -> Character.COMBINING_SPACING_MARK;
            case "Me" -> Character.ENCLOSING_MARK;
            case "Nd" -> Character.DECIMAL_DIGIT_NUMBER;
            case "Nl" -> Character.LETTER_NUMBER;
            case "No" -> Character.OTHER_NUMBER;
            case "Pc" -> Character.CONNECTOR_PUNCTUATION;
            case "Pd" -> Character.DASH_PUNCTUATION;
            case "Ps" -> Character.START_PUNCTUATION;
            case "Pe" -> Character.END_PUNCTUATION;
            case "Pi" -> Character.INITIAL_QUOTE_PUNCTUATION;
            case "Pf" -> Character.FINAL_QUOTE_PUNCTUATION;
            case "Po" -> Character.OTHER_PUNCTUATION;
            case "Sm" -> Character.MATH_SYMBOL;
            case "Sc" -> Character.CURRENCY_SYMBOL;
            case "Sk" -> Character.MODIFIER_SYMBOL;
            case "So" -> Character.OTHER_SYMBOL;
            case "Zs" -> Character.SPACE_SEPARATOR;
            case "Zl" -> Character.LINE_SEPARATOR;
            case "Zp" -> Character.PARAGRAPH_SEPARATOR;
            case "Cc" -> Character.CONTROL;
            case "Cf" -> Character.FORMAT;
            case "Cs" -> Character.SURROGATE;
            case "Co" -> Character.PRIVATE_USE;
            case "Cn" -> Character.UNASSIGNED;
            default -> throw new AssertionError(category);
        };
    }

    private static boolean category(int point, int type) {
        return Character.getType(point) == type;
    }

    /** The property White_Space. */
    public static boolean isSpace(int point) {
        if (point < 0x80) {
            return point == ' ' || (point >= '\t' && point <= '\r');
        }
        return point == 0x85
                || switch (Character.getType(point)) {
                    case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
                    default -> false;
                };
    }

    /**
     * Letters, marks, decimal digits and connectors, and the six other numbers of Latin-1: {@code \w} in Oniguruma,
     * which has a table of its own for the first 256.
     */
    public static boolean isWord(int point) {
        return isPlainWord(point) || (point < 0x100 && category(point, Character.OTHER_NUMBER));
    }

    /** Letters, marks, decimal digits, connectors and joiners: {@code \w} in Rust. */
    public static boolean isRustWord(int point) {
        return isPlainWord(point) || point == 0x200C || point == 0x200D;
    }

    private static boolean isPlainWord(int point) {
        return Character.isAlphabetic(point)
                || switch (Character.getType(point)) {
                    case Character.NON_SPACING_MARK,
                            Character.COMBINING_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.DECIMAL_DIGIT_NUMBER,
                            Character.CONNECTOR_PUNCTUATION -> true;
                    default -> false;
                };
    }

    /** The categories of punctuation. */
    public static boolean isPunctuation(int point) {
        return switch (Character.getType(point)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.SURROGATE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /**
     * The class of a name, which may be a category, a property, a script or a block ({@code InGreek}); case, spaces,
     * hyphens and underscores in it do not matter.
     *
     * @throws IllegalArgumentException if there is no such class
     */
    public static IntPredicate named(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
        IntPredicate known = NAMED.get(plain);
        if (known != null) {
            return known;
        }
        try {
            Character.UnicodeScript script = Character.UnicodeScript.forName(name.strip());
            return point -> Character.UnicodeScript.of(point) == script;
        } catch (IllegalArgumentException noScript) {
            return property(name.strip());
        }
    }

    /** What only the JDK's own expressions know: blocks, and properties that tokenizers rarely use. */
    private static IntPredicate property(String name) {
        for (String form : new String[] {name, "Is" + name}) {
            try {
                Pattern pattern = Pattern.compile("\\p{" + form + "}");
                return point -> pattern.matcher(Character.toString(point)).matches();
            } catch (PatternSyntaxException unknown) {
                // The next form.
            }
        }
        throw new IllegalArgumentException("pattern: no character class is called " + name);
    }
}
