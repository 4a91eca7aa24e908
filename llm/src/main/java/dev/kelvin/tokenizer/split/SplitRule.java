// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.split;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * How byte-pair vocabularies of model files cut a text into words before they merge, by the names that
 * {@code tokenizer.ggml.pre} gives. The expressions of a rule are applied in turn, each within the parts that the one
 * before it has made: what matches is a part, and so is what lies between.
 *
 * <p>Source: {@code llama-vocab.cpp} of llama.cpp, which defines the names and has its own forms of some models'
 * published expressions; where its engine reads them in a particular way (it knows no case beyond ASCII), they are
 * written here as it reads them.
 */
public enum SplitRule implements PreTokenizer {
    /** GPT-2's. */
    GPT2(
            "gpt-2 phi-2 olmo mpt jais exaone4 jina-es jina-de jina-v2-es jina-v2-de gigachat a.x-4.0 mellum modern-bert"
                    + " trillion granite-docling jina-v1-en jina-v2-code roberta-bpe",
            Rules.GPT2),

    /** Llama 3's; a word that is a token is not merged but taken. */
    LLAMA3("llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano", Rules.llama3("{1,3}")),

    /** As {@link #LLAMA3}, but words are merged. */
    DBRX("dbrx smaug-bpe chatglm-bpe glm4", Rules.llama3("{1,3}")),

    /** As {@link #DBRX}, but each number is a word. */
    QWEN2("qwen2 deepseek-r1-qwen stablelm2 hunyuan megrez kormo f2llmv2 solar-open grok-2", Rules.llama3("")),

    /** As {@link #QWEN2}, marks count as letters. */
    QWEN35(
            "qwen35",
            WordScanner.ASCII_CASES
                    + "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                    + Rules.SPACES),

    /** As {@link #QWEN2} without contractions, so that Turkish suffixes stay. */
    UFAKZEKA("ufakzeka", "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + Rules.SPACES),

    /** Line feeds apart, then as {@link #QWEN2}. */
    LAGUNA("laguna", Rules.LINE_FEEDS, Rules.llama3("")),

    /** Numbers of three first, then as {@link #LLAMA3} with numbers of any length. */
    MINICPM5("minicpm5", "\\p{N}{1,3}", Rules.llama3("+")),

    /** As {@link #LLAMA3}; runs of spaces are cut into powers of two. */
    JAIS2(
            "jais-2",
            WordScanner.ASCII_CASES
                    + "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+"
                    + "|\\s{512}(?!\\S)|\\s{256}(?!\\S)|\\s{128}(?!\\S)|\\s{64}(?!\\S)|\\s{32}(?!\\S)|\\s{16}(?!\\S)"
                    + "|\\s{8}(?!\\S)|\\s{4}(?!\\S)|\\s{1,2}(?!\\S)|\\s{1}"),

    /** Numbers one by one, then as {@link #GPT2}. */
    DIGITS("smollm starcoder refact command-r codeshell minerva-7b exaone mellum2", "\\p{N}", Rules.GPT2),

    /** For files that name none. */
    DEFAULT("default", "[\\p{P}$+<=>^~|]+", Rules.GPT2, "\\p{N}+", "[0-9][0-9][0-9]"),

    /** Falcon's. */
    FALCON("falcon", "[\\p{P}$+<=>^~|`]+", Rules.GPT2, "[0-9][0-9][0-9]"),

    /** DeepSeek Coder's. */
    DEEPSEEK_CODER("deepseek-coder", "[\\r\\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", Rules.EAST_ASIAN, "\\p{N}"),

    /** DeepSeek LLM's, whose letters are those with case of Unicode 11. */
    DEEPSEEK_LLM(
            "deepseek-llm",
            "[\\r\\n]",
            "\\s?[\\p{Lu}\\p{Ll}\\p{Lt}&&[^\\x{560}-\\x{588}\\x{10C7}-\\x{10FF}\\x{1C80}-\\x{1C8A}\\x{2D00}-\\x{2D2D}"
                    + "\\x{A78F}-\\x{A7FA}\\x{AB30}-\\x{AB68}\\x{10570}-\\x{105BC}\\x{10D50}-\\x{10D85}"
                    + "\\x{16E40}-\\x{16EDF}\\x{1D400}-\\x{1DF2A}]]+",
            "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
            "(?<!\\s)\\s+\\z",
            Rules.EAST_ASIAN,
            "\\p{N}+"),

    /** DeepSeek 3's. */
    DEEPSEEK3(
            "deepseek-v3 hunyuan-dense joyai-llm hy_v4",
            "\\p{N}{1,3}",
            Rules.HAN_AND_KANA,
            Rules.DEEPSEEK3_WORDS + "[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),

    /** As {@link #DEEPSEEK3}, with line breaks one by one and then numbers one by one. */
    SPARK(
            "spark2_5",
            "\\p{N}{1,3}",
            Rules.HAN_AND_KANA,
            Rules.DEEPSEEK3_WORDS + "|[\\r\\n]|\\s+(?!\\S)|\\s+",
            "\\p{N}"),

    /** East Asian scripts apart, then words that change from capital to small letters once. */
    YOUTU(
            "youtu",
            "[\uac00-\ud7a3\u3131-\u318e]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|[一-龥\u3040-ゟ゠-ヿ]+",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+" + Rules.CONTRACTION + "?|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
                    + Rules.SPACES),

    /** Mistral's of 2024; a word that is a token is not merged but taken. */
    TEKKEN(
            "tekken",
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]*[\\p{L}&&[^A-Z]]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^a-z]]+[\\p{L}&&[^A-Z]]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*"
                    + Rules.SPACES),

    /** GPT-4o's. */
    GPT4O("gpt-4o llama4 kanana2 talkie minimax-m2", Rules.gpt4o("\\p{L}")),

    /** As {@link #GPT4O}, marks count as letters. */
    GRANITE_EMBEDDING("granite-embed-multi-97m", Rules.gpt4o("\\p{L}\\p{M}")),

    /** Numbers in groups of three from their end, then letters and marks of any case. */
    TINY_AYA("tiny_aya cohere2moe", () -> DigitGroups.AT_WORD_END, Rules.anyCase()),

    /** Han apart, then letters of any case. */
    KIMI_K2(
            "kimi-k2",
            Rules.HAN + "+|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}&&[^" + Rules.HAN + "]]+" + Rules.CONTRACTION
                    + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + Rules.SPACES),

    /** Only numbers are cut out, into groups of three from their end. */
    SUPERBPE("superbpe", () -> Stream.of(isolated("\\p{N}+"), DigitGroups.WHOLE_GROUPS)),

    /** As {@link #QWEN2}, line breaks one by one. */
    BAILING(
            "bailingmoe bailingmoe2 llada-moe",
            "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"),

    /** As {@link #QWEN2}, line breaks apart from punctuation. */
    SEED_CODER(
            "seed-coder",
            WordScanner.ASCII_CASES + "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1}| ?[^\\s\\p{L}\\p{N}\\r\\n]+"
                    + Rules.SPACES),

    /** Numbers in groups of three from their end, East Asian scripts apart, then as {@link #DEEPSEEK3}. */
    AFMOE(
            "afmoe",
            () -> DigitGroups.WITH_TEXT_BEFORE,
            "[一-鿿㐀-䶿\uf900-\ufaff\u3040-ゟ゠-ヿ･-ﾟ⼀-⿟\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f"
                    + "\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+",
            Rules.DEEPSEEK3_WORDS + "[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),

    /** Words with the single spaces between them. */
    EXAONE_MOE(
            "exaone-moe",
            WordScanner.ASCII_CASES + "[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]?|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+"),

    /** BLOOM's. */
    BLOOM("bloom poro-chat gpt3-finnish", Rules.BLOOM),

    /** As {@link #BLOOM}, then numbers one by one. */
    VIKING("viking", Rules.BLOOM, "\\p{N}"),

    /** Chameleon's, with its image tokens. */
    CHAMELEON(
            "chameleon",
            "<sentinel:[0-9]+>",
            "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z",
            "([\\t\\n]|    |  )",
            "\\p{N}",
            "[\\p{P}!-/:-@\\[-`{-~]",
            Rules.GPT2),

    /** Line feeds apart; a space is U+2581, and characters are their own symbols. */
    GEMMA4("gemma4 granite-embed-multi-311m", Rules.LINE_FEEDS),

    /** As {@link #GEMMA4}. */
    SARVAM("sarvam-moe", Rules.LINE_FEEDS),

    /** White space apart; characters are their own symbols. */
    WHITESPACE("whitespace", "\\S+");

    /** As model files call it, with one space between; the first is the one to write. */
    private final String names;

    @SuppressWarnings("ImmutableEnumChecker") // makes the same stages each time
    private final Supplier<Stream<PreTokenizer>> stages;

    /**
     * Those in turn, made when a text is first cut: a program needs one rule, and reading all of them takes a while.
     */
    @SuppressWarnings("ImmutableEnumChecker") // stages are immutable
    private volatile PreTokenizer steps;

    SplitRule(String names, String... expressions) {
        this(names, () -> Arrays.stream(expressions).map(SplitRule::isolated));
    }

    SplitRule(String names, Supplier<PreTokenizer> first, String... expressions) {
        this(
                names,
                () -> Stream.concat(
                        Stream.of(first.get()), Arrays.stream(expressions).map(SplitRule::isolated)));
    }

    SplitRule(String names, Supplier<Stream<PreTokenizer>> stages) {
        this.names = names;
        this.stages = stages;
    }

    /**
     * Every match and everything between is a word, as llama.cpp cuts. Where there is a scanner, the class of patterns
     * is not touched, which reads some of its own.
     */
    private static PreTokenizer isolated(String expression) {
        PreTokenizer scanner = WordScanner.of(expression);
        return scanner != null ? scanner : PatternSplit.of(expression, Behavior.ISOLATED, false);
    }

    /** The rule that model files call so in {@code tokenizer.ggml.pre}. */
    public static Optional<SplitRule> named(String name) {
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
    public boolean takesWholeWords() {
        return switch (this) {
            case LLAMA3, MINICPM5, YOUTU, TEKKEN, GRANITE_EMBEDDING -> true;
            default -> false;
        };
    }

    /** Whether prompts begin with BOS where the file does not say. */
    public boolean addsBos() {
        return switch (this) {
            case LLAMA3, TEKKEN, CHAMELEON, GEMMA4 -> true;
            default -> false;
        };
    }

    /** Whether tokens are spelled in bytes; else in characters, with {@code <0xXX>} for what has none. */
    public boolean isByteLevel() {
        return this != GEMMA4 && this != SARVAM && this != WHITESPACE;
    }

    @Override
    public void split(Part part, int begin, int end, Words words) {
        if (steps == null) {
            steps = PreTokenizer.sequence(stages.get().toList());
        }
        steps.split(part, begin, end, words);
    }

    /** Expressions that several rules share. */
    private static final class Rules {
        static final String GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
        static final String SPACES = "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        static final String LINE_FEEDS = "[^\\n]+|[\\n]+";
        static final String CONTRACTION = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
        static final String HAN_AND_KANA = "[一-龥\u3040-ゟ゠-ヿ]+";
        static final String BLOOM = " ?[^(\\s|.,!?…。，、।۔،)]+";

        /** Runs of Chinese, Korean and whatever else stands between U+0800 and U+9FA5. */
        static final String EAST_ASIAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";

        /** The blocks that llama.cpp counts as Han. */
        static final String HAN = "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}\\x{2A700}-\\x{2EBEF}"
                + "\\x{F900}-\\x{FAFF}\\x{2F800}-\\x{2FA1F}]";

        static final String DEEPSEEK3_WORDS = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
                + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+";

        private Rules() {}

        static String llama3(String numbers) {
            return WordScanner.ASCII_CASES + "[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + numbers
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*" + SPACES;
        }

        /** Capital letters are all but a to z, small ones all but A to Z. */
        static String gpt4o(String letters) {
            String capital = "[" + letters + "&&[^a-z]]";
            String small = "[" + letters + "&&[^A-Z]]";
            String lead = "[^\\r\\n\\p{L}\\p{N}]?";
            return lead + capital + "*" + small + "+" + CONTRACTION + "?|" + lead + capital + "+" + small + "*"
                    + CONTRACTION + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES;
        }

        /** What is left of GPT-4o's expression where all letters count as capital and as small ones. */
        static String anyCase() {
            return "[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+" + CONTRACTION
                    + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*" + SPACES;
        }
    }
}
