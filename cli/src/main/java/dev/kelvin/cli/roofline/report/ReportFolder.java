// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import dev.kelvin.format.FileReplacement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The files of a report: {@code report.html}, {@code report.json}, {@code report.svg} and {@code report.md}. */
public final class ReportFolder {
    private ReportFolder() {}

    /**
     * Writes the files.
     *
     * @param folder made if it is not there; files of these names are replaced, each by a whole one or not at all
     * @param report what is written
     * @param other what it is compared with; empty if with nothing
     * @throws IOException if one cannot be written
     */
    public static void write(Path folder, Report report, Optional<Report> other) throws IOException {
        Files.createDirectories(folder);
        // First the figures: whatever else fails, they are kept.
        FileReplacement.write(folder.resolve("report.json"), ReportJson.write(report));
        FileReplacement.write(folder.resolve("report.html"), HtmlReport.write(report, other));
        FileReplacement.write(folder.resolve("report.svg"), SvgReport.write(report));
        FileReplacement.write(folder.resolve("report.md"), MarkdownReport.write(report, other));
    }

    /**
     * Reads the figures of a report.
     *
     * @param file a {@code report.json}, or the folder that it is in
     * @throws IOException if it cannot be read or is no report: the message names the file
     */
    public static Report read(Path file) throws IOException {
        Path json = Files.isDirectory(file) ? file.resolve("report.json") : file;
        byte[] bytes = Files.readAllBytes(json);
        try {
            return ReportJson.read(bytes);
        } catch (IOException e) {
            throw new IOException(json + ": " + e.getMessage(), e);
        }
    }
}
