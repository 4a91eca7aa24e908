// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Breaks a line into shorter ones, as Python's {@code textwrap} does.
 *
 * @param width at most so many code points a line
 * @param breakLongWords whether a word longer than that is cut
 * @param breakOnHyphens whether a word may end at a hyphen
 */
record WordWrap(int width, boolean breakLongWords, boolean breakOnHyphens) {
    private static final String SPACE = " \\t\\n\\x0b\\f\\r";
    private static final String LETTER = "[^\\d\\W]";
    private static final String BEFORE_DASH = "(?<=[\\w!\"'&.,?])";

    private static final Pattern SPACES_OR_WORDS = Pattern.compile("[" + SPACE + "]+|[^" + SPACE + "]+");

    /** The pattern of Python's module: a word may end at a hyphen between letters, or before a dash. */
    private static final Pattern PARTS_OF_WORDS = Pattern.compile(
            "[" + SPACE + "]+|" + BEFORE_DASH + "-{2,}(?=\\w)|[^" + SPACE + "]+?(?:-(?:(?<=" + LETTER + "{2}-)|(?<="
                    + LETTER + "-" + LETTER + "-))(?=" + LETTER + "-?" + LETTER + ")|(?=[" + SPACE + "]|\\z)|"
                    + BEFORE_DASH + "(?=-{2,}\\w))",
            Pattern.UNICODE_CHARACTER_CLASS);

    List<String> lines(String text) {
        List<String> chunks = chunks(text);
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int at = 0;
        while (at < chunks.size()) {
            String chunk = chunks.get(at);
            if (line.isEmpty() && chunk.isBlank() && !lines.isEmpty()) {
                at++;
            } else if (length(line) + length(chunk) <= width) {
                line.append(chunk);
                at++;
            } else if (length(chunk) > width && (breakLongWords || line.isEmpty())) {
                int room = breakLongWords ? room(chunk, Math.max(1, width - length(line))) : chunk.length();
                line.append(chunk, 0, room);
                chunks.set(at, chunk.substring(room));
                at += chunks.get(at).isEmpty() ? 1 : 0;
                end(line, lines);
            } else {
                end(line, lines);
            }
        }
        end(line, lines);
        return lines;
    }

    private static int length(CharSequence text) {
        return Character.codePointCount(text, 0, text.length());
    }

    /** How much of a chunk too long for its line goes on it: up to its last hyphen, if it may break there. */
    private int room(String chunk, int points) {
        int most = Texts.unit(chunk, points);
        int hyphen = breakOnHyphens ? chunk.lastIndexOf('-', most - 1) : -1;
        boolean breaks = hyphen > 0 && chunk.substring(0, hyphen).chars().anyMatch(c -> c != '-');
        return breaks ? hyphen + 1 : most;
    }

    private static void end(StringBuilder line, List<String> lines) {
        String text = line.toString();
        String stripped = text.isBlank() ? "" : text.stripTrailing();
        if (!stripped.isEmpty()) {
            lines.add(stripped);
        }
        line.setLength(0);
    }

    private List<String> chunks(String text) {
        List<String> chunks = new ArrayList<>();
        Matcher matcher = (breakOnHyphens ? PARTS_OF_WORDS : SPACES_OR_WORDS).matcher(text);
        while (matcher.find()) {
            chunks.add(matcher.group());
        }
        return chunks;
    }
}
