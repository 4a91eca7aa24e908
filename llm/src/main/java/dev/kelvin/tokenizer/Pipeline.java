// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.IdList;
import dev.kelvin.tokenizer.model.TokenModel;
import dev.kelvin.tokenizer.normalizer.Normalizer;
import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.PreTokenizer;
import dev.kelvin.tokenizer.split.Words;
import java.util.BitSet;
import java.util.List;

/**
 * From text to ids: added tokens are cut out, the text between is normalized, tokens that are looked for in normalized
 * text are cut out, what is left is cut into words, and the model turns each into ids.
 *
 * @param raw added tokens that are looked for in the text as it is
 * @param normalized added tokens that are looked for in the normalized text
 * @param normalizer changes what is not a token
 * @param preTokenizer cuts it
 * @param model turns words into ids
 */
record Pipeline(Tokens raw, Tokens normalized, Normalizer normalizer, PreTokenizer preTokenizer, TokenModel model) {
    /**
     * Added tokens.
     *
     * @param plain those that text may become
     * @param all these, and control tokens
     */
    record Tokens(AddedTokens plain, AddedTokens all) {
        /** There are none. */
        static final Tokens NONE = new Tokens(AddedTokens.NONE, AddedTokens.NONE);

        Tokens(List<AddedToken> plain, List<AddedToken> all) {
            this(new AddedTokens(plain), new AddedTokens(all));
        }

        boolean isEmpty() {
            return plain.equals(AddedTokens.NONE) && all.equals(AddedTokens.NONE);
        }

        AddedTokens of(boolean parsesSpecial) {
            return parsesSpecial ? all : plain;
        }

        /** Splits a text of which some chars spell no control token. */
        void split(String text, BitSet literal, AddedTokens.Parts parts) {
            AddedTokens.split(
                    text,
                    index -> {
                        AddedToken token = all.at(text, index);
                        boolean free = token == null || isFree(literal, index, token);
                        return free ? token : plain.at(text, index);
                    },
                    parts);
        }

        private static boolean isFree(BitSet literal, int index, AddedToken token) {
            int next = literal.nextSetBit(index);
            return next < 0 || next >= index + token.text().length();
        }

        /** Adds the chars that spell control tokens. */
        void controlChars(String text, BitSet chars) {
            for (int i = 0; i < text.length(); i++) {
                AddedToken token = all.at(text, i);
                if (token != null && !token.equals(plain.at(text, i))) {
                    chars.set(i, i + token.text().length());
                }
            }
        }
    }

    /** The chars of a text that spell control tokens. */
    BitSet controlChars(String text) {
        BitSet chars = new BitSet();
        raw.controlChars(text, chars);
        normalized.controlChars(text, chars);
        return chars;
    }

    /**
     * The ids of a text in which control tokens are spelled out.
     *
     * @param literal the chars that spell none
     */
    int[] encode(String text, BitSet literal) {
        IdList ids = new IdList();
        String sound = Surrogates.replaced(text);
        raw.split(sound, literal, new Stages(sound, ids) {
            @Override
            AddedTokens tokens(int begin, int end) {
                // Places of the text are lost by now: beside a literal char nothing is a control token.
                int next = literal.nextSetBit(begin);
                return normalized.of(next < 0 || next >= end);
            }
        });
        return ids.toArray();
    }

    int[] encode(String text, boolean parsesSpecial) {
        IdList ids = new IdList();
        String sound = Surrogates.replaced(text);
        raw.of(parsesSpecial).split(sound, new Stages(sound, ids) {
            @Override
            AddedTokens tokens(int begin, int end) {
                return normalized.of(parsesSpecial);
            }
        });
        return ids.toArray();
    }

    /** What becomes of the text between added tokens. */
    private abstract class Stages implements AddedTokens.Parts {
        private final String text;
        private final Part whole;
        private final IdList ids;
        private final Words words;
        private final boolean untouched = normalizer.equals(Normalizer.NONE) && normalized.isEmpty();

        Stages(String text, IdList ids) {
            this.text = text;
            this.ids = ids;
            whole = new Part(text, true);
            words = model.encoder(ids);
        }

        /** The tokens that are looked for in the normalized text of the chars [begin, end). */
        abstract AddedTokens tokens(int begin, int end);

        @Override
        public void text(int begin, int end) {
            if (untouched) {
                preTokenizer.split(whole, begin, end, words);
            } else {
                Part part = new Part(normalizer.normalize(text.substring(begin, end)), begin == 0 && keepsFirst(text));
                tokens(begin, end).split(part.text(), parts(part, ids, words));
            }
        }

        @Override
        public void token(int id) {
            ids.add(id);
        }
    }

    /** Whether normalization leaves something of the first character of a text, so that it still begins there. */
    private boolean keepsFirst(String text) {
        String first = text.substring(0, text.offsetByCodePoints(0, 1));
        return !normalizer.normalize(first.concat("x")).equals(normalizer.normalize("x"));
    }

    private AddedTokens.Parts parts(Part part, IdList ids, Words words) {
        return new AddedTokens.Parts() {
            @Override
            public void text(int begin, int end) {
                preTokenizer.split(part, begin, end, words);
            }

            @Override
            public void token(int id) {
                ids.add(id);
            }
        };
    }
}
