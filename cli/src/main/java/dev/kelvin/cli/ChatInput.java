// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.IOException;

/** Where the messages of a chat come from. */
interface ChatInput extends AutoCloseable {
    /** What begins and ends a message of several lines. */
    String BLOCK = "\"\"\"";

    /**
     * The next message.
     *
     * @param prompt what a screen shows before it
     * @return its text; null at the end
     */
    String next(String prompt) throws IOException;

    @Override
    default void close() throws IOException {}

    /** Whether more lines belong to a message: it ends with a backslash, or has begun a block. */
    static boolean isOpen(String lines) {
        String text = lines.strip();
        return text.startsWith(BLOCK)
                ? text.length() < 2 * BLOCK.length() || !text.endsWith(BLOCK)
                : lines.endsWith("\\");
    }

    /** The message that lines spell. */
    static String message(String lines) {
        String text = lines.strip();
        if (text.startsWith(BLOCK)) {
            String inside = text.substring(BLOCK.length());
            return (inside.endsWith(BLOCK) ? inside.substring(0, inside.length() - BLOCK.length()) : inside).strip();
        }
        return text.replaceAll("\\\\\n", "\n");
    }
}
