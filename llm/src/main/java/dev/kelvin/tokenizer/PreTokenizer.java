// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a byte-level vocabulary cuts a text into words before it merges; no token reaches over a cut. Each constant
 * states its rule as the regular expressions that define it; the scanners below match them, in linear time.
 *
 * <p>L and N are the Unicode categories of letters and numbers, {@code \s} the Unicode property White_Space. Source:
 * the published patterns of the models, in the form that llama.cpp's {@code llama-vocab.cpp} gives them.
 */
public enum PreTokenizer {
    /** {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}. */
    GPT2(false, "gpt-2 phi-2 olmo mpt jais exaone4") {
        @Override
        void split(String text, int begin, int end, Words words) {
            splitGpt2(text, begin, end, words);
        }
    },

    /**
     * {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
     * ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}; a word that is a token is not merged but taken.
     */
    LLAMA3(true, "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2") {
        @Override
        void split(String text, int begin, int end, Words words) {
            splitLlama3(text, begin, end, 3, words);
        }
    },

    /** As {@link #LLAMA3}, but {@code \p{N}} takes a single number, and whole words get no preference. */
    QWEN2(false, "qwen2 deepseek-r1-qwen stablelm2 hunyuan megrez") {
        @Override
        void split(String text, int begin, int end, Words words) {
            splitLlama3(text, begin, end, 1, words);
        }
    },

    /** {@code \p{N}} is cut out first, then what is left as {@link #GPT2}. */
    DIGITS(false, "smollm starcoder refact command-r codeshell minerva-7b") {
        @Override
        void split(String text, int begin, int end, Words words) {
            int rest = begin;
            for (int i = begin; i < end; ) {
                int next = i + Character.charCount(text.codePointAt(i));
                if (classAt(text, i, end) == NUMBER) {
                    splitGpt2(text, rest, i, words);
                    words.accept(i, next);
                    rest = next;
                }
                i = next;
            }
            splitGpt2(text, rest, end, words);
        }
    },

    /**
     * For files that name none: {@code [\p{P}$+<=>^~|]+} is cut out first, then all parts as {@link #GPT2}, then
     * {@code \p{N}+} out of those, then {@code [0-9][0-9][0-9]}.
     */
    DEFAULT(false, "default") {
        @Override
        void split(String text, int begin, int end, Words words) {
            Words numbersApart = (from, to) -> splitNumbers(text, from, to, words);
            splitPunctuation("$+<=>^~|", text, begin, end, numbersApart);
        }
    },

    /** {@code [\p{P}$+<=>^~|`]+} is cut out first, then all parts as {@link #GPT2}, then {@code [0-9][0-9][0-9]}. */
    FALCON(false, "falcon") {
        @Override
        void split(String text, int begin, int end, Words words) {
            Words thousandsApart = (from, to) -> splitThousands(text, from, to, words);
            splitPunctuation("$+<=>^~|`", text, begin, end, thousandsApart);
        }
    },

    /** In turn {@code [\r\n]}, {@code \s?\p{L}+}, {@code \s?\p{P}+}, {@code [一-龥ࠀ-一가-퟿]+} and {@code \p{N}}. */
    DEEPSEEK_CODER(false, "deepseek-coder", "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", PatternCuts.EAST_ASIAN, "\\p{N}"),

    /**
     * In turn {@code [\r\n]}, words of letters with case that begin with {@code \s?} (those of Unicode 11, without
     * Georgian, small Armenian and some others), {@code \s?[!-/:-~！-／：-～‘-‟　-。]+}, {@code \s+$}, {@code [一-龥ࠀ-一가-퟿]+}
     * and {@code \p{N}+}.
     */
    DEEPSEEK_LLM(
            false,
            "deepseek-llm",
            "[\\r\\n]",
            "\\s?[\\p{Lu}\\p{Ll}\\p{Lt}&&[^\\x{560}-\\x{588}\\x{10C7}-\\x{10FF}\\x{1C80}-\\x{1C8A}\\x{2D00}-\\x{2D2D}"
                    + "\\x{A78F}-\\x{A7FA}\\x{AB30}-\\x{AB68}\\x{10570}-\\x{105BC}\\x{10D50}-\\x{10D85}"
                    + "\\x{16E40}-\\x{16EDF}\\x{1D400}-\\x{1DF2A}]]+",
            "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
            "(?<!\\s)\\s+\\z",
            PatternCuts.EAST_ASIAN,
            "\\p{N}+"),

    /**
     * {@code [^\r\n\p{L}\p{N}]?[\p{L}&&[^a-z]]*[\p{L}&&[^A-Z]]+|[^\r\n\p{L}\p{N}]?[\p{L}&&[^a-z]]+[\p{L}&&[^A-Z]]*|
     * \p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+}; a word that is a token is not merged but taken.
     */
    TEKKEN(
            true,
            "tekken",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]+[\\p{L}&&[^A-Z]]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
                    + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+");

    /** Takes the words of a text, in order and without gaps, as ranges of chars. */
    @FunctionalInterface
    interface Words {
        void accept(int begin, int end);
    }

    private static final int OTHER = 0;
    private static final int LETTER = 1;
    private static final int NUMBER = 2;
    private static final int SPACE = 3;
    private static final int NONE = 4;

    private static final byte[] ASCII = new byte[128];

    static {
        for (int c = 0; c < 128; c++) {
            ASCII[c] = (byte) classOf(c);
        }
    }

    private final boolean takesWholeWords;
    /** As model files call it, with one space between; the first is the one to write. */
    private final String names;

    /** The rules of a pre-tokenizer that has no scanner of its own. */
    @SuppressWarnings("ImmutableEnumChecker") // patterns in an unmodifiable list
    private final PatternCuts cuts;

    PreTokenizer(boolean takesWholeWords, String names, String... rules) {
        this.takesWholeWords = takesWholeWords;
        this.names = names;
        cuts = new PatternCuts(rules);
    }

    /** The pre-tokenizer that model files call so in {@code tokenizer.ggml.pre}. */
    public static Optional<PreTokenizer> named(String name) {
        return Arrays.stream(values())
                .filter(each -> List.of(each.names.split(" ", -1)).contains(name))
                .findFirst();
    }

    /** All names that model files may give. */
    public static List<String> names() {
        return Arrays.stream(values())
                .flatMap(each -> Arrays.stream(each.names.split(" ", -1)))
                .sorted()
                .toList();
    }

    /** The name to write into a model file. */
    public String ggufName() {
        return names.split(" ", -1)[0];
    }

    /** Whether a word that is a token as a whole becomes that token, whatever the merges say. */
    boolean takesWholeWords() {
        return takesWholeWords;
    }

    /** Cuts the chars [begin, end) of a text without lone surrogates. */
    void split(String text, int begin, int end, Words words) {
        cuts.split(text, begin, end, words);
    }

    private static int classOf(int point) {
        return switch (Character.getType(point)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> LETTER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> NUMBER;
            case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> SPACE;
            default -> (point >= '\t' && point <= '\r') || point == 0x85 ? SPACE : OTHER;
        };
    }

    private static int classAt(String text, int index, int end) {
        if (index >= end) {
            return NONE;
        }
        char c = text.charAt(index);
        return c < 128 ? ASCII[c] : classOf(text.codePointAt(index));
    }

    /** The end of the run of one class that begins at {@code index}. */
    private static int runEnd(String text, int index, int end, int kind) {
        int i = index;
        while (classAt(text, i, end) == kind) {
            i += Character.charCount(text.codePointAt(i));
        }
        return i;
    }

    /**
     * The length of {@code 's}, {@code 't}, {@code 're}, {@code 've}, {@code 'm}, {@code 'll} or {@code 'd}, else 0.
     */
    private static int contraction(String text, int index, int end, boolean anyCase) {
        if (text.charAt(index) != '\'' || index + 1 >= end) {
            return 0;
        }
        int first = anyCase ? lower(text.charAt(index + 1)) : text.charAt(index + 1);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return 2;
        }
        if (index + 2 >= end) {
            return 0;
        }
        int second = anyCase ? lower(text.charAt(index + 2)) : text.charAt(index + 2);
        boolean matches = second == 'l' ? first == 'l' : second == 'e' && (first == 'r' || first == 'v');
        return matches ? 3 : 0;
    }

    private static int lower(char c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    private static void splitGpt2(String text, int begin, int end, Words words) {
        int i = begin;
        while (i < end) {
            int stop = i + contraction(text, i, end, false);
            if (stop == i) {
                int from = text.charAt(i) == ' ' ? i + 1 : i;
                int kind = classAt(text, from, end);
                stop = kind == SPACE || kind == NONE ? spaces(text, i, end) : runEnd(text, from, end, kind);
            }
            words.accept(i, stop);
            i = stop;
        }
    }

    /**
     * {@code \s+(?!\S)|\s+}: all of a run at the end of the text, else all but the last, which goes to what follows.
     */
    private static int spaces(String text, int begin, int end) {
        int stop = runEnd(text, begin, end, SPACE);
        return stop == end || stop - begin == 1 ? stop : stop - 1;
    }

    private static void splitLlama3(String text, int begin, int end, int digits, Words words) {
        int i = begin;
        while (i < end) {
            int stop = llama3End(text, i, end, digits);
            words.accept(i, stop);
            i = stop;
        }
    }

    private static int llama3End(String text, int i, int end, int digits) {
        int length = contraction(text, i, end, true);
        if (length > 0) {
            return i + length;
        }
        int kind = classAt(text, i, end);
        if (kind == NUMBER) {
            int stop = i;
            for (int n = 0; n < digits && classAt(text, stop, end) == NUMBER; n++) {
                stop += Character.charCount(text.codePointAt(stop));
            }
            return stop;
        }
        int after = i + Character.charCount(text.codePointAt(i));
        if (kind == LETTER || (!isLineBreak(text, i, end) && classAt(text, after, end) == LETTER)) {
            return runEnd(text, after, end, LETTER);
        }
        int from = text.charAt(i) == ' ' ? after : i;
        if (classAt(text, from, end) == OTHER) {
            int stop = runEnd(text, from, end, OTHER);
            while (isLineBreak(text, stop, end)) {
                stop++;
            }
            return stop;
        }
        int stop = runEnd(text, i, end, SPACE);
        for (int last = stop; last > i; last--) {
            if (isLineBreak(text, last - 1, end)) {
                return last;
            }
        }
        return spaces(text, i, end);
    }

    private static boolean isLineBreak(String text, int index, int end) {
        return index < end && (text.charAt(index) == '\n' || text.charAt(index) == '\r');
    }

    /** Runs of punctuation and of what is not, each then as {@link #GPT2}. */
    private static void splitPunctuation(String symbols, String text, int begin, int end, Words words) {
        for (int i = begin; i < end; ) {
            int stop = i;
            boolean punctuation = isPunctuation(symbols, text.codePointAt(i));
            while (stop < end && isPunctuation(symbols, text.codePointAt(stop)) == punctuation) {
                stop += Character.charCount(text.codePointAt(stop));
            }
            splitGpt2(text, i, stop, words);
            i = stop;
        }
    }

    private static boolean isPunctuation(String symbols, int point) {
        return switch (Character.getType(point)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> symbols.indexOf(point) >= 0;
        };
    }

    private static void splitNumbers(String text, int begin, int end, Words words) {
        int i = begin;
        while (i < end) {
            int stop = i;
            boolean number = classAt(text, i, end) == NUMBER;
            while (stop < end && (classAt(text, stop, end) == NUMBER) == number) {
                stop += Character.charCount(text.codePointAt(stop));
            }
            if (number) {
                splitThousands(text, i, stop, words);
            } else {
                words.accept(i, stop);
            }
            i = stop;
        }
    }

    private static void splitThousands(String text, int begin, int end, Words words) {
        int rest = begin;
        int digits = 0;
        for (int i = begin; i < end; i++) {
            char c = text.charAt(i);
            digits = c >= '0' && c <= '9' ? digits + 1 : 0;
            if (digits == 3) {
                if (i - 2 > rest) {
                    words.accept(rest, i - 2);
                }
                words.accept(i - 2, i + 1);
                rest = i + 1;
                digits = 0;
            }
        }
        if (rest < end) {
            words.accept(rest, end);
        }
    }
}
