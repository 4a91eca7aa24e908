// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.constraint.GrammarException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What a failure says to the user: one line. */
final class FailureMessage {
    private FailureMessage() {}

    /** The message, on one line and without characters that could command a terminal. */
    static String of(Throwable failure) {
        String message =
                switch (failure) {
                    // The messages of these are bare paths.
                    case NoSuchFileException e -> e.getFile() + ": no such file";
                    case AccessDeniedException e -> e.getFile() + ": permission denied";
                    case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
                    case BindException e -> e.getMessage().replaceFirst("^server: ", "") + " (--port chooses another)";
                    case OutOfMemoryError e ->
                        "out of memory: " + e.getMessage() + " (the heap's limit is "
                                + Numbers.bytes(Runtime.getRuntime().maxMemory()) + ")";
                    default -> known(failure);
                };
        // A limit of the library, which the command line takes from the heap of Java.
        message = message.replace("EngineLimits.kvBytes", "KELVIN_JAVA_OPTS=-Xmx... gives Java more memory");
        return Glyphs.withoutControls(
                message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ").replace('\t', ' '));
    }

    /** Tells a failure on standard error, after what the command has written so far. */
    static void print(Terminal terminal, Throwable failure) {
        terminal.out().flush();
        terminal.err().println("kelvin: " + of(failure));
        terminal.err().flush();
    }

    private static String known(Throwable failure) {
        boolean explained =
                failure.getMessage() != null && !failure.getMessage().isBlank();
        boolean expected = failure instanceof IOException
                || failure instanceof IllegalArgumentException
                || failure instanceof UnsupportedOperationException
                || failure instanceof TemplateException
                || failure instanceof GrammarException;
        if (explained && expected) {
            return failure.getMessage();
        }
        String name = failure.getClass().getSimpleName();
        return "unexpected " + name + (explained ? ": " + failure.getMessage() : "") + " (--debug shows where)";
    }
}
