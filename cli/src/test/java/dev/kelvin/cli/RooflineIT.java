// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.cli.roofline.report.Ceiling;
import dev.kelvin.cli.roofline.report.Report;
import dev.kelvin.cli.roofline.report.ReportFolder;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small measurement of this machine by the launcher, on the packaged modules. */
class RooflineIT {
    private static final Path KELVIN = Path.of("..", "kelvin").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    private String kelvin(String arguments) throws Exception {
        Process process = new ProcessBuilder("bash", "-c", "'" + KELVIN + "' " + arguments)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertTrue(process.waitFor(600, TimeUnit.SECONDS), arguments);
        assertEquals(0, process.exitValue(), Files.readString(folder.resolve("err")));
        return Files.readString(folder.resolve("out"));
    }

    @Test
    void measuresThisMachine() throws Exception {
        String shown = kelvin("roofline --quick --only softmax,vectors --forks 2 --threads 1 --out report");
        assertTrue(shown.contains("report/report.html"), shown);
        Report report = ReportFolder.read(folder.resolve("report"));
        assertEquals("quick", report.run().mode());
        assertEquals(List.of("softmax", "vectors"), report.families());
        for (Resource resource : Resource.values()) {
            List<Ceiling> ceilings = report.ceilings().stream()
                    .filter(ceiling -> ceiling.resource() == resource)
                    .toList();
            assertFalse(ceilings.isEmpty(), resource.title());
            ceilings.forEach(ceiling -> {
                assertTrue(ceiling.rate() > 0.1, ceiling.toString());
                assertEquals(
                        resource.isArithmetic(), ceiling.clock() > 0.3 && ceiling.clock() < 10, ceiling.toString());
            });
        }
        assertTrue(
                report.noise().clock() > 0.3 && report.noise().clock() < 10,
                "GHz: " + report.noise().clock());
        for (Result result : report.results()) {
            assertEquals("", result.failure(), result.toString());
            assertTrue(result.nanos() > 0, result.toString());
            assertEquals(2, result.forks().size(), result.toString());
        }
        assertTrue(report.results().stream()
                .anyMatch(result -> result.subject().by().equals("loops")));
        String page = Files.readString(folder.resolve("report/report.html"));
        assertTrue(page.contains(report.environment().fact("jvm")), page);
        assertFalse(page.contains(KELVIN.getParent().toString()), "no path of this machine");
    }

    @Test
    void sweepsTheOptionsOfTheJvm() throws Exception {
        kelvin("roofline --quick --only softmax --forks 1 --threads 1 --sweep --out swept");
        Report report = ReportFolder.read(folder.resolve("swept"));
        assertTrue(report.sweep().stream().anyMatch(variant -> variant.name().equals("kelvin.vectorBits=0")));
        report.sweep()
                .forEach(variant -> assertEquals(
                        variant.refused().isEmpty(), !variant.results().isEmpty(), variant.toString()));
        report.sweep().stream()
                .flatMap(variant -> variant.results().stream())
                .forEach(result -> assertEquals("", result.failure(), result.toString()));
    }
}
