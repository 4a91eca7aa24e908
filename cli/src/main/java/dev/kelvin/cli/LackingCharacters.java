// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.tokenizer.SpecialToken;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The characters of a text that a vocabulary has no tokens for: a model of single characters knows those of its text.
 */
final class LackingCharacters {
    private static final int SHOWN = 5;
    private static final int REPLACEMENT = 0xfffd;

    private LackingCharacters() {}

    /** Says which ones there are, if any. */
    static void tell(Tokenizer tokenizer, String text, Consumer<String> remark) {
        List<String> lacking = text.codePoints()
                .distinct()
                .filter(c -> lacks(tokenizer, c))
                .mapToObj(c -> new Glyphs(true).quote(Character.toString(c)))
                .toList();
        if (lacking.isEmpty()) {
            return;
        }
        String shown = lacking.stream().limit(SHOWN).collect(Collectors.joining(", "));
        String more = lacking.size() > SHOWN ? " and " + (lacking.size() - SHOWN) + " more" : "";
        remark.accept("the model's vocabulary lacks the character" + (lacking.size() == 1 ? " " : "s ") + shown + more
                + "; it reads the text without " + (lacking.size() == 1 ? "it" : "them"));
    }

    private static boolean lacks(Tokenizer tokenizer, int character) {
        int[] ids = tokenizer.encode(Character.toString(character));
        int unknown = tokenizer.special().id(SpecialToken.UNKNOWN);
        return (ids.length == 0 && !parts(tokenizer, character))
                || (unknown >= 0 && Arrays.stream(ids).anyMatch(id -> id == unknown))
                || (character != REPLACEMENT && tokenizer.decode(ids).indexOf(REPLACEMENT) >= 0);
    }

    /** Whether a character that has no token of its own parts words, as blanks do where words are cut apart. */
    private static boolean parts(Tokenizer tokenizer, int character) {
        return !Arrays.equals(tokenizer.encode("a" + Character.toString(character) + "b"), tokenizer.encode("ab"));
    }
}
