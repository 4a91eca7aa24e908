// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.provider;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.ops.Compute;
import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where no C2 compiles vectors, plain loops serve, and the log says why. */
class VectorCompilerTest {
    /** Prints the width that was chosen. */
    static final class Choice {
        private Choice() {}

        public static void main(String[] args) {
            try (Compute compute = Compute.serial()) {
                System.out.print(compute.vectorBits());
            }
        }
    }

    private record Run(String chosen, String log) {}

    private static Run run(String... options) throws Exception {
        String classes = Stream.of(Compute.class, VectorCompilerTest.class)
                .map(each -> Path.of(URI.create(each.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classes, Choice.class.getName()));
        Process process = new ProcessBuilder(command).start();
        String chosen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String log = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), log);
        return new Run(chosen, log);
    }

    @Test
    void aJvmThatOnlyInterpretsTakesPlainLoops() throws Exception {
        Run run = run("-Xint");
        assertEquals("0", run.chosen());
        assertTrue(run.log().contains("no SIMD lanes, plain loops take over: this JVM only interprets"), run.log());
    }

    @Test
    void aJvmWithoutC2TakesPlainLoopsUnlessAWidthIsForced() throws Exception {
        Run run = run("-XX:TieredStopAtLevel=1");
        assertEquals("0", run.chosen());
        assertTrue(run.log().contains("without C2"), run.log());
        Run forced = run("-XX:TieredStopAtLevel=1", "-Dkelvin.vectorBits=128");
        assertEquals("128", forced.chosen());
        assertTrue(!forced.log().contains("plain loops"), forced.log());
    }

    private static String absence(String info, String name, String version) {
        Map<String, String> properties = Map.of("java.vm.info", info, "java.vm.name", name, "java.vm.version", version);
        return VectorCompiler.absence(properties::get);
    }

    @Test
    void otherVirtualMachinesAreNamed() {
        assertNull(absence("mixed mode, sharing", "OpenJDK 64-Bit Server VM", "25.0.1+8"));
        assertNull(absence("mixed mode", "Java HotSpot(TM) 64-Bit Server VM", "25.0.1+8-jvmci-b01"), "flag not set");
        assertEquals(
                "this JVM, Eclipse OpenJ9 VM, has no C2", absence("JRE 25 Linux amd64", "Eclipse OpenJ9 VM", "0.53"));
    }
}
