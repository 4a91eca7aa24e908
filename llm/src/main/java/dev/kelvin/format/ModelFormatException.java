// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A model file that cannot be used, with the place and the reason.
 *
 * <p>The message is one line, {@code <path>: <item>: expected <expected>, found <found> (byte offset <n>)}; characters
 * from the file that would break the line are escaped, long texts are cut. Instances are immutable.
 */
public final class ModelFormatException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int LONGEST_TEXT = 200;

    /** Room for all names that would have been right, which do not come from a file. */
    private static final int LONGEST_LIST = 4096;

    private final transient Path path;
    private final String item;
    private final long byteOffset;
    private final String expected;
    private final String found;

    /**
     * Describes one defect.
     *
     * @param path the file
     * @param item the tensor, metadata key or part of the file that is wrong, for example {@code "key
     *     llama.block_count"}
     * @param byteOffset where in the file, in bytes from its beginning; negative if no single place is meant
     * @param expected what would have been right
     * @param found what is there instead
     */
    public ModelFormatException(Path path, String item, long byteOffset, String expected, String found) {
        super(oneLine(path.toString(), LONGEST_TEXT)
                + ": "
                + oneLine(item, LONGEST_TEXT)
                + ": expected "
                + oneLine(expected, LONGEST_LIST)
                + ", found "
                + oneLine(found, LONGEST_TEXT)
                + (byteOffset < 0 ? "" : " (byte offset " + byteOffset + ")"));
        this.path = path;
        this.item = Objects.requireNonNull(item);
        this.byteOffset = byteOffset;
        this.expected = Objects.requireNonNull(expected);
        this.found = Objects.requireNonNull(found);
    }

    /** The file; null after deserialization only. */
    public Path path() {
        return path;
    }

    /** The tensor, metadata key or part of the file that is wrong, as it was given. */
    public String item() {
        return item;
    }

    /** Where in the file, in bytes from its beginning; negative if no single place is meant. */
    public long byteOffset() {
        return byteOffset;
    }

    /** What would have been right. */
    public String expected() {
        return expected;
    }

    /** What is there instead. */
    public String found() {
        return found;
    }

    /** Names come from the file: a line feed or an escape sequence in one must reach neither a log nor a terminal. */
    private static String oneLine(String text, int longest) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), longest) + 1);
        int index = 0;
        while (index < text.length() && line.length() < longest) {
            int point = text.codePointAt(index);
            index += Character.charCount(point);
            if (isPrintable(point)) {
                line.appendCodePoint(point);
            } else {
                line.append(String.format("\\u%04x", point));
            }
        }
        return index < text.length() ? line.append("...").toString() : line.toString();
    }

    private static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
