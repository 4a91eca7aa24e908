// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.BytePairOptions;
import dev.kelvin.tokenizer.model.BytePairOptions.WholeWords;
import dev.kelvin.tokenizer.model.ByteTokens;
import dev.kelvin.tokenizer.model.MergeTable;
import dev.kelvin.tokenizer.model.PairModel;
import dev.kelvin.tokenizer.model.TokenModel;
import dev.kelvin.tokenizer.model.TokenTrie;
import dev.kelvin.tokenizer.model.Unigram;
import dev.kelvin.tokenizer.model.WordPiece;
import dev.kelvin.tokenizer.normalizer.ByteSymbols;
import dev.kelvin.tokenizer.normalizer.CharsMap;
import dev.kelvin.tokenizer.normalizer.Normalizer;
import dev.kelvin.tokenizer.normalizer.Replace;
import dev.kelvin.tokenizer.normalizer.SentencePieceNormalizer;
import dev.kelvin.tokenizer.split.PreTokenizer;
import dev.kelvin.tokenizer.split.SplitRule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tokenizers of model files, one a type. Where two tokens have the same piece, the later id counts; control tokens
 * count for no text.
 *
 * <p>Source: llama.cpp, {@code llama-vocab.cpp}, which defines the types.
 */
public final class GgufTokenizers {
    private static final String SPACE = "\u2581";
    private static final String UNKNOWN_TEXT = "\u2585";

    private GgufTokenizers() {}

    /**
     * Byte pairs: the types {@code gpt2} and {@code gemma4}. A {@link SplitRule} cuts the text, and the words' bytes
     * merge by the table; for a rule that is not of bytes their characters do, a space being U+2581, and what has no
     * token is spelled in {@code <0xXX>}. A byte without a token is left out. A merge of which a part or the result is
     * no token that text can become never applies; of two equal merges the earlier counts.
     *
     * @throws IllegalArgumentException if a vocabulary of bytes does not spell a single one
     */
    public static Tokenizer bytePairs(BpeVocabulary vocabulary) {
        TokenTable table = new TokenTable(vocabulary.pieces(), vocabulary.types(), vocabulary.special());
        EndTokens ends = table.ends();
        Map<String, Integer> ids = table.textIds(ends);
        SplitRule rule = vocabulary.preTokenizer();
        MergeTable merges = new MergeTable(vocabulary.merges().length);
        for (int rank = 0; rank < vocabulary.merges().length; rank++) {
            addMerge(vocabulary.merges()[rank], rank, ids, merges);
        }
        BytePairOptions options = rule.isByteLevel()
                ? BytePairOptions.ofBytes(rule.takesWholeWords())
                : new BytePairOptions(
                        false,
                        true,
                        -1,
                        false,
                        "",
                        "",
                        rule == SplitRule.GEMMA4 ? WholeWords.LINE_FEEDS : WholeWords.NONE);
        if (rule.isByteLevel() && !spellsAnything(ids)) {
            throw new IllegalArgumentException(
                    "vocabulary: none of its " + table.pieces().length + " tokens is a single byte");
        }
        boolean visibleSpaces = rule == SplitRule.GEMMA4 || rule == SplitRule.SARVAM;
        Normalizer normalizer = visibleSpaces ? Replace.ofText(" ", SPACE) : Normalizer.NONE;
        byte[][] bytes = table.bytes((type, piece, id) -> {
            if (type == Vocabulary.UNKNOWN) {
                return new byte[0];
            }
            if (rule.isByteLevel()) {
                return ByteSymbols.bytes(piece);
            }
            return type == Vocabulary.BYTE
                    ? byteOf(piece, id)
                    : (visibleSpaces ? piece.replace(SPACE, " ") : piece).getBytes(StandardCharsets.UTF_8);
        });
        return tokenizer(table, ends, normalizer, rule, PairModel.ranked(ids, merges, options), bytes, false);
    }

    private static boolean spellsAnything(Map<String, Integer> ids) {
        for (int value = 0; value < 256; value++) {
            if (ids.containsKey(String.valueOf(ByteSymbols.symbol(value)))) {
                return true;
            }
        }
        return false;
    }

    private static void addMerge(String merge, int rank, Map<String, Integer> ids, MergeTable merges) {
        int cut = merge.indexOf(' ', 1);
        if (cut < 0) {
            return;
        }
        Integer left = ids.get(merge.substring(0, cut));
        Integer right = ids.get(merge.substring(cut + 1));
        Integer result = ids.get(merge.substring(0, cut) + merge.substring(cut + 1));
        if (left != null && right != null && result != null) {
            merges.add(left, right, rank, result);
        }
    }

    /**
     * SentencePiece-style byte pairs with scores: the type {@code llama}. Text that begins or follows an added token
     * gets one space in front (if the vocabulary says so), spaces become U+2581, and the characters are the first
     * symbols. While any two neighbours spell a token together, the pair whose token has the highest score merges, the
     * leftmost on a tie. A symbol that is no token in the end is spelled in byte tokens, or, if one is missing, becomes
     * the unknown token; without an unknown token the missing bytes are left out.
     *
     * @throws IllegalArgumentException if a byte token is misspelled
     */
    public static Tokenizer sentencePieces(Vocabulary vocabulary) {
        TokenTable table = new TokenTable(vocabulary.pieces(), vocabulary.types(), vocabulary.special());
        EndTokens ends = table.ends();
        List<Normalizer> steps = new ArrayList<>();
        steps.add(Replace.ofText(" ", SPACE));
        if (vocabulary.addsSpacePrefix()) {
            steps.add(Normalizer.prepend(SPACE));
        }
        TokenModel model = PairModel.scored(
                table.textIds(ends), vocabulary.scores(), table.special().id(SpecialToken.UNKNOWN));
        return tokenizer(
                table,
                ends,
                Normalizer.sequence(steps),
                PreTokenizer.NONE,
                model,
                table.bytes(GgufTokenizers::sentencePieceText),
                vocabulary.addsSpacePrefix());
    }

    private static byte[] sentencePieceText(int type, String piece, int id) {
        return switch (type) {
            case Vocabulary.UNKNOWN -> UNKNOWN_TEXT.getBytes(StandardCharsets.UTF_8);
            case Vocabulary.BYTE -> byteOf(piece, id);
            default -> piece.replace(SPACE, " ").getBytes(StandardCharsets.UTF_8);
        };
    }

    private static byte[] byteOf(String piece, int id) {
        int value = ByteTokens.value(piece);
        if (value < 0) {
            throw new IllegalArgumentException(
                    "vocabulary: byte token " + id + " is spelled \"" + piece + "\", not <0xXX>");
        }
        return new byte[] {(byte) value};
    }

    /**
     * SentencePiece's unigram model: the type {@code t5}. User-defined tokens have the score 0.
     *
     * @param vocabulary its tables
     * @param charsMap SentencePiece's table of replacements; empty for none
     * @param mergesSpaces whether runs of spaces become one
     * @throws IllegalArgumentException if the table of replacements is cut short
     */
    public static Tokenizer unigram(Vocabulary vocabulary, byte[] charsMap, boolean mergesSpaces) {
        TokenTable table = new TokenTable(vocabulary.pieces(), vocabulary.types(), vocabulary.special());
        EndTokens ends = table.ends();
        double[] scores = new double[table.pieces().length];
        double least = Float.MAX_VALUE;
        TokenTrie userDefined = new TokenTrie();
        for (int id = 0; id < scores.length; id++) {
            scores[id] = vocabulary.scores()[id];
            if (table.types()[id] == Vocabulary.NORMAL) {
                least = Math.min(least, scores[id]);
            } else if (table.types()[id] == Vocabulary.USER_DEFINED) {
                scores[id] = 0;
                userDefined.add(table.pieces()[id], id);
            }
        }
        Normalizer normalizer = new SentencePieceNormalizer(
                charsMap.length == 0 ? null : new CharsMap(charsMap),
                vocabulary.addsSpacePrefix(),
                mergesSpaces,
                (text, at) -> userDefined.length(userDefined.longest(text, at, text.length())));
        TokenModel model =
                new Unigram(table.textIds(ends), scores, least, table.special().id(SpecialToken.UNKNOWN), false);
        return tokenizer(
                table,
                ends,
                normalizer,
                PreTokenizer.NONE,
                model,
                table.bytes(GgufTokenizers::sentencePieceText),
                vocabulary.addsSpacePrefix());
    }

    /**
     * WordPiece: the type {@code bert}. The tokens that begin a word have U+2581 in front.
     *
     * @param pieces [V]
     * @param types [V]
     * @param special its special tokens
     * @param form how a text is changed before
     */
    public static Tokenizer wordPieces(String[] pieces, int[] types, SpecialTokens special, BertForm form) {
        TokenTable table = new TokenTable(pieces, types, special);
        EndTokens ends = table.ends();
        TokenModel model = WordPiece.marked(table.textIds(ends), SPACE, special.id(SpecialToken.UNKNOWN));
        byte[][] bytes = table.bytes(GgufTokenizers::sentencePieceText);
        int begin = special.id(SpecialToken.CLS) >= 0 ? special.id(SpecialToken.CLS) : special.id(SpecialToken.BOS);
        int separator = special.id(SpecialToken.SEPARATOR);
        PipelineTokenizer.Surround surround = new PipelineTokenizer.Surround(
                begin >= 0 ? new int[] {begin} : new int[0], separator >= 0 ? new int[] {separator} : new int[0]);
        Pipeline pipeline = new Pipeline(
                table.added(ends, id -> false, id -> false), Pipeline.Tokens.NONE, Normalizer.NONE, form, model);
        return new PipelineTokenizer(table, pipeline, surround, texts(table, bytes, true), ends);
    }

    private static Tokenizer tokenizer(
            TokenTable table,
            EndTokens ends,
            Normalizer normalizer,
            PreTokenizer preTokenizer,
            TokenModel model,
            byte[][] bytes,
            boolean dropsSpace) {
        Pipeline pipeline = new Pipeline(
                table.added(ends, id -> false, id -> false), Pipeline.Tokens.NONE, normalizer, preTokenizer, model);
        return new PipelineTokenizer(
                table, pipeline, PipelineTokenizer.Surround.of(table.special()), texts(table, bytes, dropsSpace), ends);
    }

    private static TokenTexts texts(TokenTable table, byte[][] bytes, boolean dropsSpace) {
        return new TokenBytes(
                bytes,
                id -> bytes[id].length > 0 ? bytes[id] : table.pieces()[id].getBytes(StandardCharsets.UTF_8),
                dropsSpace);
    }
}
