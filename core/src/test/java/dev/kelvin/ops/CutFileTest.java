// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights of a file that was cut while it is mapped, in a process of its own, for it may be the end of the process. */
class CutFileTest {
    private static final int ROWS = 9;
    private static final int COLUMNS = 1024;

    /** Enough for C2, whose code it is about. */
    private static final int CALLS = 20_000;

    @TempDir
    private Path folder;

    static final class Products {
        private Products() {}

        public static void main(String[] args) throws IOException {
            DType type = DType.valueOf(args[1]);
            Shape shape = Shape.of(ROWS, COLUMNS);
            long size = type.byteSize(shape.elements());
            HeapTensor x = HeapTensor.zeros(Integer.parseInt(args[2]), COLUMNS);
            HeapTensor y = HeapTensor.zeros(x.rows(), ROWS);
            try (FileChannel channel = FileChannel.open(
                            Path.of(args[0]),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
                    Arena arena = Arena.ofShared();
                    Compute compute = Compute.serial()) {
                MappedTensor w =
                        new MappedTensor(type, shape, channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena));
                for (int i = 0; i < CALLS / x.rows(); i++) {
                    compute.matmul(x, w, y);
                }
                channel.truncate(0);
                try {
                    compute.matmul(x, w, y);
                    System.out.print("a product");
                } catch (InternalError e) {
                    System.out.print("an error");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "F16", "BF16", "Q8_0"})
    void productsEndInAnError(DType type) throws Exception {
        String classes = Stream.of(Compute.class, CutFileTest.class)
                .map(each -> Path.of(URI.create(each.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
        for (String rows : new String[] {"1", "8"}) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--add-modules",
                            "jdk.incubator.vector",
                            "-XX:ErrorFile=" + folder.resolve("crash.log"),
                            "-cp",
                            classes,
                            Products.class.getName(),
                            folder.resolve("weights").toString(),
                            type.toString(),
                            rows)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals("an error", printed, () -> rows + " rows of x");
            assertEquals(0, process.waitFor());
        }
    }
}
