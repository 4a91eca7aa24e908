// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.json.JsonReader;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Cases of a tokenizer: a JSON list, or an object whose {@code cases} is one, of objects with a {@code text} and what
 * becomes of it: {@code ids}, {@code ids_special} with what the model expects around them, {@code decoded} and
 * {@code decoded_skip} without control tokens. Control tokens in the text are parsed.
 */
final class TokenizerCases {
    private final Terminal terminal;
    private final Tokenizer tokenizer;
    private int failed;

    TokenizerCases(Terminal terminal, Tokenizer tokenizer) {
        this.terminal = terminal;
        this.tokenizer = tokenizer;
    }

    /**
     * Compares all cases, says what differs, and how many passed.
     *
     * @throws IOException if a case failed, or the file holds no cases
     */
    void run(Path file) throws IOException {
        Object document = JsonReader.read(Files.readAllBytes(file));
        Object cases = document instanceof Map<?, ?> map ? map.get("cases") : document;
        if (!(cases instanceof List<?> list)) {
            throw new IOException(file + ": expected a list of cases");
        }
        for (int i = 0; i < list.size(); i++) {
            if (!(list.get(i) instanceof Map<?, ?> one) || !(one.get("text") instanceof String text)) {
                throw new IOException(file + ": case " + i + ": expected an object with a text");
            }
            failed += passes(text, one) ? 0 : 1;
        }
        terminal.line((list.size() - failed) + " passed, " + failed + " failed");
        if (failed > 0) {
            terminal.out().flush();
            throw new IOException(failed + " of " + list.size() + " cases failed");
        }
    }

    private boolean passes(String text, Map<?, ?> expected) {
        int[] ids = tokenizer.encode(text, true);
        boolean same = isSame(text, "ids", expected, list(ids));
        same &= isSame(text, "ids_special", expected, list(tokenizer.surround(ids)));
        same &= isSame(text, "decoded", expected, tokenizer.decode(ids, true));
        same &= isSame(text, "decoded_skip", expected, tokenizer.decode(ids));
        return same;
    }

    private static List<Long> list(int[] ids) {
        return Arrays.stream(ids).mapToObj(Long::valueOf).toList();
    }

    private boolean isSame(String text, String field, Map<?, ?> expected, Object found) {
        Object right = expected.get(field);
        if (right == null || right.equals(found)) {
            return true;
        }
        Glyphs glyphs = terminal.glyphs();
        terminal.line(field + " of " + glyphs.quote(text) + ": expected " + glyphs.escape(right.toString()) + ", found "
                + glyphs.escape(found.toString()));
        return false;
    }
}
