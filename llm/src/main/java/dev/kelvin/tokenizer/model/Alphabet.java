// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

/** The symbols that a word consists of before anything merges. Immutable. */
interface Alphabet {
    /** The most symbols that the chars [begin, end) of a text become. */
    int mostSymbols(String text, int begin, int end);

    /**
     * Spells the chars [begin, end) of a text.
     *
     * @param out receives the symbols; negative ones merge with nothing
     * @return how many they are
     */
    int spell(String text, int begin, int end, int[] out);

    /** The ids of a symbol that is no token. */
    void spellOut(int symbol, IdList ids);
}
