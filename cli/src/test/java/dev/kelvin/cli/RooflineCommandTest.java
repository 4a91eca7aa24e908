// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.cli.roofline.report.CannedReport;
import dev.kelvin.cli.roofline.report.ReportFolder;
import dev.kelvin.cli.roofline.report.ReportJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on reports that are there; RooflineIT measures. */
class RooflineCommandTest {
    @TempDir
    Path folder;

    private String before;
    private String after;

    @BeforeEach
    void write() throws IOException {
        before = folder.resolve("before").toString();
        after = folder.resolve("after").toString();
        ReportFolder.write(Path.of(before), CannedReport.report(1.2), Optional.empty());
        ReportFolder.write(Path.of(after), CannedReport.report(1), Optional.empty());
    }

    @Test
    void aReportIsDrawnAgain() throws IOException {
        Path again = folder.resolve("again");
        String shown = Outcome.of("roofline", "--from", after + "/report.json", "--out", again.toString())
                .result();
        shown.lines()
                .forEach(line ->
                        assertTrue(Glyphs.columns(line) <= Terminal.COLUMNS || line.contains("report.html"), line));
        assertTrue(shown.contains("This run was quiet: believe the figures."), shown);
        assertTrue(shown.contains("It took 43 s."), shown); // Math.round(42.5)
        assertTrue(
                shown.lines().anyMatch(line -> line.matches("  gemm +512x512x512 +1 +86.0 GFLOP/s +86% +f32 peak")),
                shown);
        assertTrue(
                shown.lines()
                        .anyMatch(line ->
                                line.matches("  gemm Neighbour +512x512x512 +1 +20.0 GFLOP/s +20% +f32 peak +!")),
                shown);
        assertTrue(
                shown.lines()
                        .anyMatch(line -> line.matches("  gemv Q8_0 +1x2048x5632 +2 +44.5 GB/s +89% +memory read")),
                shown);
        try (Stream<Path> files = Files.list(again)) {
            assertEquals(
                    List.of("report.html", "report.json", "report.md", "report.svg"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
        assertEquals(ReportJson.write(CannedReport.report(1)), Files.readString(again.resolve("report.json")));
    }

    @Test
    void aReportIsComparedWithAnother() throws IOException {
        String out = folder.resolve("difference").toString();
        String shown = Outcome.of("roofline", "--from", after, "--compare", before, "--out", out)
                .result();
        assertTrue(shown.contains("compared: 17 kernels, 16 differ by more than 5 %"), shown);
        assertTrue(shown.contains("1.20 times as fast"), shown);
        assertTrue(Files.readString(Path.of(out, "report.html")).contains("Which kernels differ?"));
    }

    @Test
    void refusesWhatHasNoMeaning() {
        assertTrue(Outcome.of("roofline", "--from", after, "--quick").refusal().contains("measures nothing"));
        assertTrue(Outcome.of("roofline", "--only", "gem").refusal().contains("got 'gem'"));
        assertTrue(Outcome.of("roofline", "--peers", "nowhere.jar").refusal().contains("nowhere.jar is no file"));
        assertTrue(Outcome.of("roofline", "--forks", "0").refusal().contains("'0' is less than 1"));
        String failure = Outcome.of(
                        "roofline", "--from", folder.resolve("nowhere").toString())
                .failure();
        assertTrue(failure.contains("nowhere"), failure);
    }
}
