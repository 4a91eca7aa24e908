// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.util.BitSet;

/** A tokenizer put together from its stages. */
final class PipelineTokenizer implements Tokenizer {
    private final String[] pieces;
    private final Pipeline pipeline;
    private final Surround surround;
    private final TokenTexts texts;
    private final SpecialTokens special;
    private final EndTokens ends;

    /**
     * What a model expects around a text.
     *
     * @param before ids in front of it
     * @param after ids behind it
     */
    record Surround(int[] before, int[] after) {
        /** BOS and EOS as far as they are added. */
        static Surround of(SpecialTokens special) {
            int bosId = special.id(SpecialToken.BOS);
            int eosId = special.id(SpecialToken.EOS);
            return new Surround(
                    special.addsBos() && bosId >= 0 ? new int[] {bosId} : new int[0],
                    special.addsEos() && eosId >= 0 ? new int[] {eosId} : new int[0]);
        }
    }

    /**
     * Puts the stages together.
     *
     * @param vocabulary the spellings and types of the tokens
     * @param pipeline from text to ids
     * @param surround what belongs around them
     * @param texts the way back
     * @param ends the tokens that end a text
     */
    PipelineTokenizer(TokenTable vocabulary, Pipeline pipeline, Surround surround, TokenTexts texts, EndTokens ends) {
        this.pieces = vocabulary.pieces();
        this.special = vocabulary.special();
        this.pipeline = pipeline;
        this.surround = surround;
        this.texts = texts;
        this.ends = ends;
    }

    @Override
    public int[] encode(String text, boolean parseSpecial) {
        return pipeline.encode(text, parseSpecial);
    }

    @Override
    public int[] encode(String text, BitSet literal) {
        return pipeline.encode(text, literal);
    }

    @Override
    public BitSet controlChars(String text) {
        return pipeline.controlChars(text);
    }

    @Override
    public int[] surround(int[] ids) {
        int before = surround.before.length;
        int[] whole = new int[before + ids.length + surround.after.length];
        System.arraycopy(surround.before, 0, whole, 0, before);
        System.arraycopy(ids, 0, whole, before, ids.length);
        System.arraycopy(surround.after, 0, whole, before + ids.length, surround.after.length);
        return whole;
    }

    @Override
    public StreamingDecoder decoder(boolean atStart, boolean keepSpecial) {
        StreamingDecoder decoder = texts.decoder(atStart, keepSpecial);
        return new StreamingDecoder() {
            @Override
            public String accept(int id) {
                check(id);
                return decoder.accept(id);
            }

            @Override
            public String finish() {
                return decoder.finish();
            }
        };
    }

    private void check(int id) {
        if (id < 0 || id >= pieces.length) {
            throw new IllegalArgumentException("tokenizer: id " + id + " of " + pieces.length + " tokens");
        }
    }

    @Override
    public int vocabSize() {
        return pieces.length;
    }

    @Override
    public SpecialTokens special() {
        return special;
    }

    @Override
    public boolean isEndOfText(int id) {
        check(id);
        return ends.isEnd(id);
    }

    @Override
    public String piece(int id) {
        check(id);
        return pieces[id] == null ? "" : pieces[id];
    }

    @Override
    public byte[] bytes(int id) {
        check(id);
        return texts.bytes(id);
    }
}
