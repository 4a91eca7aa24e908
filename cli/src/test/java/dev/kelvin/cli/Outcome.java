// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What one run of the program did. */
record Outcome(int exitCode, String out, String err) {
    /** Runs the program in this process. */
    static Outcome of(String... args) {
        return on(true, false, args);
    }

    static Outcome on(boolean unicode, boolean interactive, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outStream = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8);
        int exitCode = Main.run(new Terminal(outStream, errStream, unicode, interactive), args);
        outStream.flush();
        return new Outcome(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The result of a run that must be fine. */
    String result() {
        assertEquals(Main.OK, exitCode, this::toString);
        return out;
    }

    /** The result of a run that must be fine, as JSON. */
    Object json() {
        return JsonText.parse(result());
    }

    /** The one line of a run that must fail. */
    String failure() {
        assertEquals(Main.FAILURE, exitCode, this::toString);
        assertEquals("", out, "a failure writes nothing to standard output");
        assertEquals(1, err.lines().count(), this::toString);
        assertTrue(err.startsWith("kelvin: "), this::toString);
        return err.strip();
    }

    /** The hint of a run that must be refused. */
    String refusal() {
        assertEquals(Main.USAGE, exitCode, this::toString);
        assertEquals("", out, "a refusal writes nothing to standard output");
        assertTrue(err.startsWith("kelvin: "), this::toString);
        assertTrue(err.contains("--help'"), this::toString);
        return err;
    }
}
