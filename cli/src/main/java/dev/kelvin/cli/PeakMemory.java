// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The most memory that this process has held.
 *
 * @param bytes the size
 * @param source what was measured, for people
 */
record PeakMemory(long bytes, String source) {
    /**
     * The kernel's figure where there is one: resident memory, touched pages of mapped files included. Elsewhere the
     * heap that the JVM has claimed, which leaves out the mapped weights.
     */
    static PeakMemory ofProcess() {
        Path status = Path.of("/proc/self/status");
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmHWM:")) {
                    String kibibytes = line.replaceAll("[^0-9]", "");
                    return new PeakMemory(Long.parseLong(kibibytes) * 1024, "resident");
                }
            }
        } catch (IOException | NumberFormatException noFigureOfTheKernel) {
            // The JVM's own figure follows, named as such.
        }
        return new PeakMemory(Runtime.getRuntime().totalMemory(), "Java heap only");
    }
}
