// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link ProgressBar}, {@link TrainingProgress} and {@link RedrawnLine}. */
class ProgressBarTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    private Terminal terminal(boolean screen, int columns) {
        PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);
        return new Terminal(err, err, false, screen, screen, () -> columns);
    }

    private ProgressBar bar(boolean screen, long delayNanos) {
        return new ProgressBar(terminal(screen, 80), "loading", ProgressBar.InFiles.NOTHING, delayNanos);
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void drawsOneLineAndRemovesIt() {
        ProgressBar bar = bar(true, 0);
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
        ProgressBar bar = bar(true, 0);
        bar.at(1, 2);
        String line = written();
        bar.remark("no memory");
        String blank = "\r" + " ".repeat(line.length() - 2) + "\r";
        assertEquals(line + blank + "kelvin: no memory" + System.lineSeparator(), written());
    }

    @Test
    void keepsQuietInAFileAndWhereItIsSoonDone() {
        for (ProgressBar bar : new ProgressBar[] {bar(false, 0), bar(true, 3_600_000_000_000L)}) {
            bar.at(1, 2);
            bar.at(2, 2);
        }
        assertEquals("", written());
    }

    @Test
    void tellsEachTenthInAFileIfAskedTo() {
        ProgressBar bar = new ProgressBar(terminal(false, 80), "quantize", ProgressBar.InFiles.TENTHS, 0);
        for (int i = 0; i <= 1000; i++) {
            bar.at(i, 1000);
        }
        assertEquals(10, written().lines().count(), written());
        assertTrue(written().endsWith("] 100%\n"), written());
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 24, 33, 40, 60, 80, 200})
    void noLineIsWiderThanTheScreen(int columns) {
        Terminal terminal = terminal(true, columns);
        new ProgressBar(terminal, "perplexity", ProgressBar.InFiles.NOTHING, 0).at(1, 3);
        TrainingProgress progress = new TrainingProgress(terminal, 0, 123456, 123_456_789);
        for (int step = 1; step < 20; step++) {
            progress.step(step, 11.2345, 12_345_678.9);
            progress.evaluated(11.2345);
            String text = progress.text(columns - 1);
            assertTrue(text.length() < columns, text);
            assertTrue(text.startsWith(step + "/123456"), text);
        }
        progress.draw();
        for (String line : written().split("[\r\n]+", -1)) {
            assertTrue(Glyphs.columns(line) < columns, line);
        }
    }

    @Test
    void aLineThatWasLongerIsErased() {
        RedrawnLine line = new RedrawnLine(terminal(true, 40));
        line.draw("something");
        line.draw("some");
        line.end();
        assertEquals("\rsomething\r\rsome     \r" + System.lineSeparator(), written());
    }

    @Test
    void trainingIsEstimatedFromTheTenthStepOn() {
        TrainingProgress progress = new TrainingProgress(terminal(true, 80), 100, 2000, 768);
        progress.step(101, 5, 10); // before anything is compiled
        assertFalse(progress.text(79).contains("left"), progress.text(79));
        for (int step = 102; step < 110; step++) {
            progress.step(step, 5, 768);
        }
        assertFalse(progress.text(79).contains("left"), progress.text(79));
        progress.step(110, 5, 768);
        assertEquals("110/2000 [#               ]  loss 5.000  768 tokens/s  31 min 30 s left", progress.text(79));
    }

    /** The line of the longest numbers that the default recipe shows, which is 88 columns if nothing is left out. */
    @Test
    void theTrainingLineFitsTheUsualScreen() {
        TrainingProgress progress = new TrainingProgress(terminal(true, 80), 0, 2000, 768);
        for (int step = 1; step <= 250; step++) {
            progress.step(step, 2.5, 12_345);
        }
        progress.evaluated(2.25);
        String text = progress.text(79);
        assertTrue(text.length() < 80 && text.contains("held out 2.250") && text.endsWith(" left"), text);
        assertEquals("250/2000  loss 2.500  1 min 49 s left", progress.text(39));
    }
}
