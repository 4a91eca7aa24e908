// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportJsonTest {
    @TempDir
    Path folder;

    private static Report read(String text) throws IOException {
        return ReportJson.read(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsReadIsWrittenAgain() throws IOException {
        String text = ReportJson.write(CannedReport.report(1));
        Report report = read(text);
        assertEquals(text, ReportJson.write(report));
        assertEquals(CannedReport.report(1).results(), report.results());
        assertEquals(CannedReport.report(1).ceilings(), report.ceilings());
        assertEquals(CannedReport.report(1).environment(), report.environment());
        assertEquals(CannedReport.report(1).sweep(), report.sweep());
    }

    @Test
    void whatIsUnknownIsNull() throws IOException {
        Report canned = CannedReport.report(1);
        Report unknown = new Report(
                canned.run(),
                canned.environment(),
                new Noise(new double[] {5}, 10, Double.NaN),
                canned.ceilings(),
                canned.results(),
                canned.sweep());
        String text = ReportJson.write(unknown);
        assertTrue(text.contains("\"stolen\": null"), text);
        assertTrue(Double.isNaN(read(text).noise().stolen()));
    }

    @Test
    void ceilingsOfOlderReportsHaveNoClock() throws IOException {
        String text = ReportJson.write(CannedReport.report(1));
        String older = text.replaceAll(",\\s*\"clock\": [^\\s,}]*", "");
        assertFalse(older.contains("clock"), older);
        assertTrue(read(older).ceilings().stream().allMatch(ceiling -> Double.isNaN(ceiling.clock())));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "mode": "quick"            | "mode": 7             | report.run.mode is 7, expected a string
            "resource": "fma"          | "resource": "tea"     | report.ceilings[0].resource is tea, expected a resource
            kelvin-roofline/1          | kelvin-roofline/9     | report.schema is kelvin-roofline/9, expected kelvin-roofline/1
            "name": "gemm"             | "name": null          | report.results[0].name is null, expected a string
            "workingSet": 46383104     | "workingSet": 1.5     | report.results[0].workingSet is 1.5, expected a whole number
            """)
    void errorsNameTheField(String right, String wrong, String message) throws IOException {
        String text = ReportJson.write(CannedReport.report(1));
        String broken = text.replaceFirst(Pattern.quote(right), wrong);
        assertTrue(!broken.equals(text), right);
        IOException e = assertThrows(IOException.class, () -> read(broken));
        assertEquals(message, e.getMessage());
    }

    @Test
    void aFolderIsReadByItsName() throws IOException {
        ReportFolder.write(folder.resolve("a/b"), CannedReport.report(1), Optional.empty());
        assertEquals(
                CannedReport.report(1).results(),
                ReportFolder.read(folder.resolve("a/b")).results());
        Path broken = Files.writeString(folder.resolve("broken.json"), "{}");
        IOException e = assertThrows(IOException.class, () -> ReportFolder.read(broken));
        assertEquals(broken + ": report.schema is null, expected a string", e.getMessage());
    }
}
