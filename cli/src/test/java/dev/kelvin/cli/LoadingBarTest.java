// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LoadingBarTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private LoadingBar bar(boolean interactive, long delayNanos) {
        PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);
        return new LoadingBar(new Terminal(err, err, false, interactive), delayNanos);
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void drawsOneLineAndRemovesIt() {
        LoadingBar bar = bar(true, 0);
        bar.at(1, 2);
        bar.at(3, 4);
        String line = "loading [" + "#".repeat(12) + " ".repeat(12) + "] 50%";
        assertEquals("\r" + line + "\r", written(), "a second line comes a tenth of a second later");
        bar.at(4, 4);
        assertEquals("\r" + line + "\r\r" + " ".repeat(line.length()) + "\r", written());
    }

    @Test
    void aRemarkIsALineOfItsOwn() {
        bar(false, 0).remark("no memory");
        assertEquals("kelvin: no memory" + System.lineSeparator(), written());
        written.reset();
        LoadingBar bar = bar(true, 0);
        bar.at(1, 2);
        String line = written();
        bar.remark("no memory");
        String blank = "\r" + " ".repeat(line.length() - 2) + "\r";
        assertEquals(line + blank + "kelvin: no memory" + System.lineSeparator(), written());
    }

    @Test
    void keepsQuietInAFileAndWhereItIsSoonDone() {
        for (LoadingBar bar : new LoadingBar[] {bar(false, 0), bar(true, 3_600_000_000_000L)}) {
            bar.at(1, 2);
            bar.at(2, 2);
        }
        assertEquals("", written());
    }
}
