// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.util.function.Supplier;

/** Counts cases that came out as expected, and tells those that did not. */
final class CaseCount {
    private final Terminal terminal;
    private int passed;
    private int failed;

    CaseCount(Terminal terminal) {
        this.terminal = terminal;
    }

    void passed() {
        passed++;
    }

    void failed(String name, String difference) {
        failed++;
        terminal.line(Glyphs.withoutControls("FAILED " + name + ": " + difference));
    }

    /** Counts a case. */
    void count(boolean asExpected, String name, Supplier<String> difference) {
        if (asExpected) {
            passed();
        } else {
            failed(name, difference.get());
        }
    }

    /** Ends with the line that says how many; anything that failed is a failure of the command. */
    void end() {
        terminal.line(passed + " passed, " + failed + " failed");
        if (failed > 0) {
            throw new IllegalArgumentException(failed + " of " + (passed + failed) + " cases failed");
        }
    }
}
