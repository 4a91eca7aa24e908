// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import dev.kelvin.tokenizer.model.IdList;
import dev.kelvin.tokenizer.model.TokenModel;
import dev.kelvin.tokenizer.normalizer.Normalizer;
import dev.kelvin.tokenizer.split.Part;
import dev.kelvin.tokenizer.split.PreTokenizer;
import dev.kelvin.tokenizer.split.Words;
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
            return equals(NONE);
        }

        AddedTokens of(boolean parsesSpecial) {
            return parsesSpecial ? all : plain;
        }
    }

    int[] encode(String text, boolean parsesSpecial) {
        IdList ids = new IdList();
        Words words = model.encoder(ids);
        boolean untouched = normalizer.equals(Normalizer.NONE) && normalized.isEmpty();
        String sound = Surrogates.replaced(text);
        raw.of(parsesSpecial).split(sound, new AddedTokens.Parts() {
            private final Part whole = new Part(sound, true);

            @Override
            public void text(int begin, int end) {
                if (untouched) {
                    preTokenizer.split(whole, begin, end, words);
                } else {
                    Part part = new Part(normalizer.normalize(sound.substring(begin, end)), begin == 0);
                    normalized.of(parsesSpecial).split(part.text(), parts(part, ids, words));
                }
            }

            @Override
            public void token(int id) {
                ids.add(id);
            }
        });
        return ids.toArray();
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
