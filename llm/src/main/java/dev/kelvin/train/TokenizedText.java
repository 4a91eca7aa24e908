// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import dev.kelvin.tokenizer.BpeTrainer;
import dev.kelvin.tokenizer.BpeVocabulary;
import dev.kelvin.tokenizer.CharVocabulary;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A text as tokens, with the vocabulary that was made for it. Where the text has {@code <|endoftext|>} it consists of
 * documents: each begins with that token, and so will prompts. Without it, the text is one document that never shows
 * the token, and its model wants a prompt.
 *
 * @param tokens the ids of the whole text, not copied
 * @param vocabulary made from the whole text
 */
public record TokenizedText(int[] tokens, BpeVocabulary vocabulary) {
    /** Divides a text into documents. */
    public static final String SEPARATOR = "<|endoftext|>";

    /** Characters of a text that are encoded at once, cut at line feeds: encoders hold several numbers a character. */
    private static final int PIECE = 1 << 20;

    /**
     * Tokens that are single characters.
     *
     * @param text the text
     * @return its tokens
     * @throws IllegalArgumentException if the text is empty
     */
    public static TokenizedText characters(String text) {
        List<String> documents = documents(text);
        return encode(documents, CharVocabulary.of(documents, documents.size() > 1));
    }

    /**
     * Tokens that byte-pair encoding learns from the text.
     *
     * @param text the text
     * @param vocabSize the number of tokens wanted, at least 257; a small text may give fewer
     * @return its tokens
     * @throws IllegalArgumentException if vocabSize is too small
     */
    public static TokenizedText bytePairs(String text, int vocabSize) {
        List<String> documents = documents(text);
        return encode(documents, BpeTrainer.train(documents, vocabSize, documents.size() > 1));
    }

    /** What a GGUF file says about the tokenizer. */
    public Map<String, Object> metadata() {
        return vocabulary.metadata();
    }

    /** The documents, without line feeds around separators; a text without separators is taken as it is. */
    private static List<String> documents(String text) {
        if (!text.contains(SEPARATOR)) {
            return List.of(text);
        }
        List<String> documents = new ArrayList<>();
        for (int from = 0; from <= text.length(); ) {
            int cut = text.indexOf(SEPARATOR, from);
            int end = cut < 0 ? text.length() : cut;
            String document = text.substring(from, end).strip();
            if (!document.isEmpty()) {
                documents.add(document);
            }
            from = cut < 0 ? text.length() + 1 : cut + SEPARATOR.length();
        }
        // A single document between separators is still a document.
        if (documents.size() == 1) {
            documents.add("");
        }
        return documents;
    }

    private static TokenizedText encode(List<String> documents, BpeVocabulary vocabulary) {
        Tokenizer tokenizer = GgufTokenizers.bytePairs(vocabulary);
        int[] tokens = new int[1024];
        int count = 0;
        for (String document : documents) {
            for (int from = 0; from < document.length() || from == 0; ) {
                int end = pieceEnd(document, from);
                int[] ids = tokenizer.encode(document.substring(from, end));
                int extra = vocabulary.addsBos() && from == 0 ? 1 : 0;
                if (tokens.length < count + ids.length + extra) {
                    tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, count + ids.length + extra));
                }
                if (extra == 1) {
                    tokens[count++] = vocabulary.bosId();
                }
                System.arraycopy(ids, 0, tokens, count, ids.length);
                count += ids.length;
                from = Math.max(1, end);
            }
        }
        return new TokenizedText(Arrays.copyOf(tokens, count), vocabulary);
    }

    /** Behind a line feed that follows a letter no pre-tokenizer joins anything, so a cut there changes no token. */
    private static int pieceEnd(String document, int from) {
        if (document.length() - from <= PIECE) {
            return document.length();
        }
        for (int i = from + PIECE; i < document.length(); i++) {
            if (Character.isLetter(document.charAt(i))
                    && document.charAt(i - 1) == '\n'
                    && !Character.isWhitespace(document.charAt(i - 2))) {
                return i;
            }
        }
        return document.length();
    }
}
