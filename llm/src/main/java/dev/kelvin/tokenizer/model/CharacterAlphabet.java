// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer.model;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A symbol a character. One without a token is spelled in byte tokens if there are all of them, else unknown; without
 * an unknown token it is left out.
 */
final class CharacterAlphabet implements Alphabet {
    /** From so many chars on they are counted, rather than room be made for the worst. */
    private static final int COUNTED = 4096;

    private final Map<String, Integer> ids;
    private final String prefix;
    private final String suffix;
    private final ByteTokens bytes;
    private final int unknownId;
    private final boolean fusesUnknown;

    /** [2^16] the token of each character, −1 for none; used where nothing is put around characters. */
    private final int[] basic;

    CharacterAlphabet(BytePairOptions options, Map<String, Integer> ids) {
        this.ids = ids;
        prefix = options.continuingPrefix();
        suffix = options.endSuffix();
        bytes = options.byteFallback() ? new ByteTokens(piece -> ids.getOrDefault(piece, -1)) : null;
        unknownId = options.unknownId();
        fusesUnknown = options.fusesUnknown();
        basic = hasAffixes() ? new int[0] : new int[1 << 16];
        for (int c = 0; c < basic.length; c++) {
            basic[c] = ids.getOrDefault(Character.toString(c), -1);
        }
    }

    private boolean hasAffixes() {
        return !prefix.isEmpty() || !suffix.isEmpty();
    }

    /** Whether a character may be left out, so that those beside it become neighbours. */
    boolean leavesOut() {
        return unknownId < 0 && (bytes == null || !bytes.areComplete());
    }

    @Override
    public int mostSymbols(String text, int begin, int end) {
        int chars = end - begin;
        if (bytes == null) {
            return chars;
        }
        if (chars >= COUNTED && !hasAffixes()) {
            int count = 0;
            for (int i = begin; i < end; i++) {
                // A pair of surrogates is four bytes.
                char c = text.charAt(i);
                count = Math.addExact(count, basic[c] >= 0 ? 1 : Character.isSurrogate(c) ? 2 : 3);
            }
            return count;
        }
        int affixes = prefix.getBytes(StandardCharsets.UTF_8).length + suffix.getBytes(StandardCharsets.UTF_8).length;
        return Math.multiplyExact(3 + affixes, chars);
    }

    @Override
    public int spell(String text, int begin, int end, int[] out) {
        int count = 0;
        boolean unknown = false;
        for (int i = begin; i < end; ) {
            int point = text.codePointAt(i);
            int next = i + Character.charCount(point);
            String symbol = hasAffixes() ? symbol(text, i, next, begin, end) : null;
            int id = symbol == null && point < basic.length
                    ? basic[point]
                    : ids.getOrDefault(symbol == null ? Character.toString(point) : symbol, -1);
            i = next;
            if (id >= 0) {
                if (unknown) {
                    out[count++] = unknownId;
                    unknown = false;
                }
                out[count++] = id;
                continue;
            }
            int[] spelled = bytes == null ? null : bytes.spell(symbol == null ? Character.toString(point) : symbol);
            if (spelled != null) {
                System.arraycopy(spelled, 0, out, count, spelled.length);
                count += spelled.length;
            } else if (unknownId >= 0) {
                if (unknown && !fusesUnknown) {
                    out[count++] = unknownId;
                }
                unknown = true;
            }
        }
        if (unknown) {
            out[count++] = unknownId;
        }
        return count;
    }

    private String symbol(String text, int from, int to, int begin, int end) {
        String symbol = text.substring(from, to);
        return (from > begin ? prefix : "") + symbol + (to == end ? suffix : "");
    }

    /** Of the unknown token, which need not be one that text becomes. */
    @Override
    public void spellOut(int symbol, IdList list) {
        assert symbol == unknownId : symbol;
        list.add(symbol);
    }
}
