// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Help on a screen that is narrower than it is written for: paragraphs are filled anew, an option stands above its
 * description, and an example that does not fit goes on behind a backslash, so that it still can be copied.
 */
final class NarrowHelp {
    private static final Pattern ROW = Pattern.compile("( {2,6})(\\S.*?)(?: {2,}(\\S.*))?");
    private static final Pattern FURTHER = Pattern.compile(" {7,}(\\S.*)");
    private static final String DEEPER = "    ";

    private final int columns;
    private final StringBuilder text = new StringBuilder();

    private NarrowHelp(int columns) {
        this.columns = columns;
    }

    /** The help in lines of at most {@code columns} columns, where its words permit. */
    static String of(String help, int columns) {
        NarrowHelp narrow = new NarrowHelp(columns);
        List<String> lines = help.lines().toList();
        boolean examples = false;
        for (int i = 0; i < lines.size(); ) {
            examples |= lines.get(i).equals("Examples:");
            i = examples ? narrow.example(lines, i) : narrow.part(lines, i);
        }
        return narrow.text.toString();
    }

    /** Writes the paragraph or row that begins at a line, and returns the line behind it. */
    private int part(List<String> lines, int first) {
        String line = lines.get(first);
        Matcher row = ROW.matcher(line);
        boolean paragraph = !line.isBlank() && !line.startsWith(" ");
        List<String> description = new ArrayList<>();
        int next = first + 1;
        if (row.matches()) {
            if (row.group(3) != null) {
                description.add(row.group(3));
            }
            for (Matcher further; next < lines.size(); next++) {
                further = FURTHER.matcher(lines.get(next));
                if (!further.matches()) {
                    break;
                }
                description.add(further.group(1));
            }
            fill(row.group(1), row.group(2), "");
            if (!description.isEmpty()) {
                fill(DEEPER + DEEPER, String.join(" ", description), "");
            }
            return next;
        }
        if (paragraph && !line.endsWith(":")) {
            description.add(line);
            while (next < lines.size() && lines.get(next).matches("\\S.*") && !line.startsWith("Usage:")) {
                description.add(lines.get(next++));
            }
            fill("", String.join(" ", description), "");
            return next;
        }
        fill(line.substring(0, line.length() - line.stripLeading().length()), line.strip(), "");
        return next;
    }

    private int example(List<String> lines, int at) {
        String line = lines.get(at);
        fill(line.substring(0, line.length() - line.stripLeading().length()), line.strip(), " \\");
        return at + 1;
    }

    /** Words in lines behind an indentation, further lines deeper; each line but the last ends in {@code mark}. */
    private void fill(String indent, String words, String mark) {
        String line = indent;
        String before = "";
        for (String word : words.split(" ", -1)) {
            if (!line.isBlank() && Glyphs.columns(line + before + word) > columns - mark.length()) {
                text.append(line).append(mark).append('\n');
                line = indent.isEmpty() ? "" : indent.length() > DEEPER.length() ? indent : indent + DEEPER;
                before = "";
            }
            line += before + word;
            before = " ";
        }
        text.append(line.stripTrailing()).append('\n');
    }
}
