// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** How a file comes to be: whole or not at all, and what is refused before. */
class GgufWriterTest {
    @TempDir
    private Path folder;

    @Test
    void writingReplacesTheFileAtomically() throws IOException {
        Path path = folder.resolve("model.gguf");
        Files.writeString(path, "something older and longer".repeat(100), StandardOpenOption.CREATE);
        new GgufWriter().metadata("a", 1).write(path);
        try (GgufFile old = GgufFile.open(path)) {
            new GgufWriter().metadata("b", 2).write(path);
            assertTrue(old.metadata().contains("a"));
        }
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(2, file.metadata().integer("b"));
        }
        assertEquals(List.of("model.gguf"), names());
    }

    @Test
    void aFailingSourceLeavesTheOldFileAndNoOther() throws IOException {
        Path path = folder.resolve("model.gguf");
        new GgufWriter().metadata("a", 1).write(path);
        GgufWriter tooShort = new GgufWriter().tensor("t", DType.F32, Shape.of(2), out -> out.write(new byte[7]));
        IllegalStateException wrong = assertThrows(IllegalStateException.class, () -> tooShort.write(path));
        assertEquals("write: the source of tensor t wrote 7 bytes, but F32 [2] takes 8", wrong.getMessage());
        GgufWriter failing = new GgufWriter().tensor("t", DType.F32, Shape.of(2), out -> {
            throw new IOException("no more");
        });
        assertEquals(
                "no more",
                assertThrows(IOException.class, () -> failing.write(path)).getMessage());
        try (GgufFile file = GgufFile.open(path)) {
            assertTrue(file.metadata().contains("a"));
        }
        assertEquals(List.of("model.gguf"), names());
    }

    /** What cannot become the file is told by its name and before a source is asked. */
    @Test
    void aPlaceThatTakesNoFileIsRefused() throws IOException {
        GgufWriter writer = new GgufWriter().tensor("t", DType.F32, Shape.of(2), out -> {
            throw new AssertionError("asked for its bytes");
        });
        Path inner = Files.createDirectory(folder.resolve("inner"));
        assertUnwritable(inner + ": is a folder, which cannot be replaced", writer, inner);
        Path nowhere = folder.resolve("none").resolve("model.gguf");
        assertUnwritable(nowhere + ": there is no folder " + folder.resolve("none"), writer, nowhere);
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            assertUnwritable(socket + ": is not a regular file, which cannot be replaced", writer, socket);
        }
        assertEquals(List.of("inner", "socket"), names().stream().sorted().toList());
    }

    private static void assertUnwritable(String message, GgufWriter writer, Path path) {
        assertEquals(
                message,
                assertThrows(FileSystemException.class, () -> writer.write(path))
                        .getMessage());
    }

    /** A process that begins to write a file and does not end by itself, not for a minute. */
    static final class Endless {
        public static void main(String[] args) throws IOException {
            new GgufWriter()
                    .tensor("t", DType.F32, Shape.of(2), out -> {
                        System.out.println("writing");
                        try {
                            TimeUnit.MINUTES.sleep(1);
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    })
                    .write(Path.of(args[0]));
        }
    }

    @Test
    void aProcessThatIsToldToEndLeavesNothing() throws Exception {
        String classes = Stream.of(GgufWriter.class, DType.class, Endless.class)
                .map(type -> Path.of(URI.create(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toString()))
                        .toString())
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classes,
                        Endless.class.getName(),
                        folder.resolve("model.gguf").toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertEquals("writing", process.inputReader().readLine());
            assertEquals(1, names().size(), "a temporary file");
        } finally {
            process.destroy();
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(List.of(), names());
    }

    @Test
    void aLinkGoesOnToStandForTheFile() throws IOException {
        Path path = folder.resolve("model.gguf");
        new GgufWriter().metadata("a", 1).write(path);
        Path link = Files.createSymbolicLink(folder.resolve("link.gguf"), path.getFileName());
        new GgufWriter().metadata("b", 2).write(link);
        assertTrue(Files.isSymbolicLink(link));
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(2, file.metadata().integer("b"));
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void theWriterRefusesWhatTheReaderWould() {
        GgufWriter writer = new GgufWriter().metadata("key", 1).tensor("t", HeapTensor.zeros(1));
        assertRefused("metadata: key key was added before", () -> writer.metadata("key", 2));
        assertRefused("metadata: key has 0 bytes, must have 1 to 65535", () -> writer.metadata("", 2));
        assertRefused(
                "metadata: key k has the value 256 (java.lang.Integer), which does not fit UINT8",
                () -> writer.metadata("k", GgufType.UINT8, 256));
        assertRefused(
                "metadata: key k has the value -1 (java.lang.Integer), which does not fit UINT64",
                () -> writer.metadata("k", GgufType.UINT64, -1));
        assertRefused(
                "metadata: key k is a java.lang.Object, which no GGUF type holds",
                () -> writer.metadata("k", new Object()));
        assertRefused(
                "metadata: general.alignment is 12, must be an integer, a power of two, 8 or more",
                () -> writer.metadata("general.alignment", 12));
        assertRefused("tensor: name t was added before", () -> writer.tensor("t", HeapTensor.zeros(1)));
        assertRefused(
                "tensor: shape of u is [1, 1, 1, 1, 1], must have at most 4 dimensions",
                () -> writer.tensor("u", HeapTensor.zeros(1, 1, 1, 1, 1)));
        assertRefused(
                "tensor: shape of u is [2, 33], but rows of Q4_0 have a multiple of 32 elements",
                () -> writer.tensor("u", DType.Q4_0, Shape.of(2, 33), out -> {}));
        Object deep = new Object[] {new Object[] {new Object[] {new Object[] {new int[0]}}}};
        assertRefused("metadata: key k has arrays nested deeper than 4", () -> writer.metadata("k", deep));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
