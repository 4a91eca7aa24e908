// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.SharedData;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in several files. */
class GgufSplitTest {
    @TempDir
    Path folder;

    private static String name(int number, int count) {
        return String.format("m-%05d-of-%05d.gguf", number, count);
    }

    /** Part {@code number}, from 1 on, with a tensor of that many elements; the keys say what they are told. */
    private Path write(String file, int number, int count, int tensors) throws IOException {
        Path path = folder.resolve(file);
        GgufWriter writer = new GgufWriter();
        if (number == 1) {
            writer.metadata("general.architecture", "llama");
        }
        writer.metadata("split.no", GgufType.UINT16, number - 1)
                .metadata("split.count", GgufType.UINT16, count)
                .metadata("split.tensors.count", GgufType.INT32, tensors)
                .tensor("t" + number, HeapTensor.of(new float[number], number))
                .write(path);
        return path;
    }

    private Path write(int number, int count, int tensors) throws IOException {
        return write(name(number, count), number, count, tensors);
    }

    private void assertRefused(Path path, Path named, String message) {
        ModelFormatException e = assertThrows(
                ModelFormatException.class, () -> GgufFile.open(path).close());
        assertEquals(named + ": " + message, e.getMessage());
    }

    @Test
    void anyPartStandsForAll() throws IOException {
        List<Path> parts = List.of(write(1, 3, 3), write(2, 3, 3), write(3, 3, 3));
        for (Path part : parts) {
            try (GgufFile file = GgufFile.open(part)) {
                assertEquals(part, file.path());
                assertEquals(parts, file.paths());
                assertEquals(
                        Set.of("general.architecture"), file.metadata().asMap().keySet());
                assertEquals(
                        List.of("t1", "t2", "t3"),
                        file.tensors().stream().map(TensorInfo::name).toList());
                assertEquals(
                        parts, file.tensors().stream().map(TensorInfo::path).toList());
                assertEquals(3, file.tensor("t3").columns());
                assertEquals(Files.size(parts.get(0)) * 3.0, (double) file.byteSize(), 400);
            }
        }
    }

    @Test
    void aMissingPartIsNamed() throws IOException {
        Path third = write(3, 3, 3);
        write(1, 3, 3);
        assertRefused(
                third,
                folder.resolve(name(2, 3)),
                "file: expected part 2 of 3 of the model that m-00003-of-00003.gguf belongs to, found no such file");
    }

    @Test
    void aPartUnderAnotherNameIsRefused() throws IOException {
        Path renamed = write("renamed.gguf", 2, 3, 3);
        assertRefused(
                renamed,
                renamed,
                "key split.no: expected a file called like NAME-00002-of-00003.gguf, because the other parts are found "
                        + "by name, found part 2 of 3 called renamed.gguf (byte offset 44)");
        Path misnamed = write(name(1, 3), 2, 3, 3);
        assertThrows(ModelFormatException.class, () -> GgufFile.open(misnamed).close());
    }

    @Test
    void partsThatDoNotBelongTogetherAreRefused() throws IOException {
        Path first = write(1, 2, 2);
        Path second = write(name(2, 2), 2, 3, 2);
        assertRefused(
                first, second, "key split.count: expected 2, as the other parts have it, found 3 (byte offset 69)");
        write(name(2, 2), 1, 2, 2);
        assertRefused(first, second, "key split.no: expected 1, as the other parts have it, found 0 (byte offset 89)");
        write(2, 2, 4);
        assertRefused(
                first,
                second,
                "key split.tensors.count: expected 2, as the other parts have it, found 4 (byte offset 102)");
        new GgufWriter().tensor("t2", HeapTensor.zeros(1)).write(second);
        assertRefused(first, second, "key split.count: expected an integer, found no such key");
        new GgufWriter()
                .metadata("split.no", 1)
                .metadata("split.count", 2)
                .tensor("t1", HeapTensor.zeros(1))
                .write(second);
        ModelFormatException twice = assertThrows(
                ModelFormatException.class, () -> GgufFile.open(second).close());
        assertEquals("tensor t1", twice.item());
        assertEquals("it in m-00001-of-00002.gguf too", twice.found());
    }

    @Test
    void countsAreChecked() throws IOException {
        Path none = write(name(1, 0), 1, 0, 1);
        assertEquals(
                "1 part or more",
                assertThrows(ModelFormatException.class, () -> GgufFile.open(none)
                                .close())
                        .expected());
        Path many = write(name(1, 65_535), 1, 65_535, 65_535);
        assertEquals(
                folder.resolve(name(2, 65_535)),
                assertThrows(ModelFormatException.class, () -> GgufFile.open(many)
                                .close())
                        .path());
        Path one = write("one.gguf", 1, 1, 1);
        try (GgufFile file = GgufFile.open(one)) {
            assertEquals(List.of(one), file.paths());
            assertEquals(4, file.metadata().asMap().size());
        }
    }

    @Test
    void aPublishedSplitIsTheWhole() throws IOException {
        Path whole = SharedData.require("faults/r17-whole.gguf");
        for (int part = 1; part <= 2; part++) {
            Path given = SharedData.require("faults/r17-split-0000" + part + "-of-00002.gguf");
            try (GgufFile expected = GgufFile.open(whole);
                    GgufFile file = GgufFile.open(given)) {
                assertEquals(
                        expected.metadata().asMap().keySet(),
                        file.metadata().asMap().keySet());
                assertEquals(
                        expected.tensors().stream().map(TensorInfo::name).toList(),
                        file.tensors().stream().map(TensorInfo::name).toList());
                for (TensorInfo info : expected.tensors()) {
                    assertArrayEquals(
                            expected.tensor(info.name()).toHeap().data(),
                            file.tensor(info.name()).toHeap().data());
                }
            }
        }
    }
}
