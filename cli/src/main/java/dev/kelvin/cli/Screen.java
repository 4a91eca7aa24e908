// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The screen that the process was started from, if there is one. Java has no public way to ask for its size. */
final class Screen {
    /** Columns where no screen says otherwise. */
    static final int COLUMNS = 80;

    private static final long FRESH_NANOS = 1_000_000_000;
    private static final int MILLIS_TO_ANSWER = 500;

    private int columns;
    private long asked;

    /**
     * Whether a file descriptor is a screen. Asks the kernel's file table where there is one; {@code System.console()}
     * answers for input and output together, so it is only the second choice.
     */
    @SuppressWarnings("SystemConsoleNull") // that it is never null held for JDK 22 to 24 only
    static boolean isAt(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | InvalidPathException | UnsupportedOperationException noFileTable) {
            Console console = System.console();
            return console != null && console.isTerminal();
        }
    }

    /** Its columns, asked for at most once a second, since a window may be resized; 80 where nobody knows. */
    synchronized int columns() {
        long now = System.nanoTime();
        if (columns == 0 || now - asked > FRESH_NANOS) {
            asked = now;
            columns = ask();
        }
        return columns;
    }

    private static int ask() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (stty.waitFor(MILLIS_TO_ANSWER, TimeUnit.MILLISECONDS)) {
                String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                        .strip()
                        .split(" ", -1);
                int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
                return columns > 0 ? columns : COLUMNS;
            }
            stty.destroyForcibly();
        } catch (IOException | NumberFormatException unknown) {
            return COLUMNS;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt(); // for the work that is to stop
        }
        return COLUMNS;
    }
}
