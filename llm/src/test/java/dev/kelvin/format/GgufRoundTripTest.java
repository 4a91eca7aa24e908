// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read again. */
class GgufRoundTripTest {
    private static final BigInteger LARGEST_UINT64 =
            BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    @TempDir
    private Path folder;

    private GgufFile roundTrip(GgufWriter writer) throws IOException {
        Path path = folder.resolve("model.gguf");
        writer.write(path);
        return GgufFile.open(path);
    }

    @Test
    void statedScalarTypesKeepTheirExtremes() throws IOException {
        GgufWriter writer = new GgufWriter()
                .metadata("uint8", GgufType.UINT8, 255)
                .metadata("int8", GgufType.INT8, -128)
                .metadata("uint16", GgufType.UINT16, 65_535)
                .metadata("int16", GgufType.INT16, -32_768)
                .metadata("uint32", GgufType.UINT32, 0xffff_ffffL)
                .metadata("int32", GgufType.INT32, Integer.MIN_VALUE)
                .metadata("float32", GgufType.FLOAT32, -0.0f)
                .metadata("bool", GgufType.BOOL, true)
                .metadata("string", GgufType.STRING, "τ → 0⁺ \uD83C\uDF21\n")
                .metadata("uint64", GgufType.UINT64, Long.MAX_VALUE)
                .metadata("wide", GgufType.UINT64, LARGEST_UINT64)
                .metadata("int64", GgufType.INT64, Long.MIN_VALUE)
                .metadata("float64", GgufType.FLOAT64, Math.PI);
        try (GgufFile file = roundTrip(writer)) {
            GgufMetadata metadata = file.metadata();
            assertEquals(
                    List.of(
                            "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string",
                            "uint64", "wide", "int64", "float64"),
                    List.copyOf(metadata.asMap().keySet()));
            assertEquals(
                    List.of(
                            (short) 255,
                            (byte) -128,
                            65_535,
                            (short) -32_768,
                            0xffff_ffffL,
                            Integer.MIN_VALUE,
                            -0.0f,
                            true,
                            "τ → 0⁺ \uD83C\uDF21\n",
                            Long.MAX_VALUE,
                            LARGEST_UINT64,
                            Long.MIN_VALUE,
                            Math.PI),
                    List.copyOf(metadata.asMap().values()));
            for (String key : metadata.asMap().keySet()) {
                String type = key.equals("wide") ? "UINT64" : key.toUpperCase(Locale.ROOT);
                assertEquals(type, metadata.typeName(key));
            }
        }
    }

    @Test
    void typesFollowFromJavaTypes() throws IOException {
        GgufWriter writer = new GgufWriter()
                .metadata("UINT32", 7)
                .metadata("INT32", -7)
                .metadata("UINT64", 7L)
                .metadata("INT64", -7L)
                .metadata("INT8", (byte) 7)
                .metadata("INT16", (short) 7)
                .metadata("FLOAT32", 0.5f)
                .metadata("FLOAT64", 0.5)
                .metadata("BOOL", false)
                .metadata("STRING", "")
                .metadata("ARRAY[INT8]", new byte[] {-1, 2})
                .metadata("ARRAY[INT16]", new short[] {-1, 2})
                .metadata("ARRAY[INT32]", new int[] {-1, 2})
                .metadata("ARRAY[INT64]", new long[] {-1, 2})
                .metadata("ARRAY[FLOAT32]", new float[] {-1, 2})
                .metadata("ARRAY[FLOAT64]", new double[] {-1, 2})
                .metadata("ARRAY[BOOL]", new boolean[] {true, false})
                .metadata("ARRAY[STRING]", new String[] {"", "b"})
                .metadata("ARRAY[UINT64]", new BigInteger[] {BigInteger.ONE})
                .metadata("ARRAY[ARRAY]", new Object[] {new int[0]});
        try (GgufFile file = roundTrip(writer)) {
            for (String key : file.metadata().asMap().keySet()) {
                assertEquals(key, file.metadata().typeName(key));
            }
        }
    }

    @Test
    void arraysOfEveryTypeKeepTheirElements() throws IOException {
        GgufWriter writer = new GgufWriter()
                .array("uint8", GgufType.UINT8, new int[] {0, 255})
                .array("int8", GgufType.INT8, new byte[] {-128, 127})
                .array("uint16", GgufType.UINT16, new int[] {0, 65_535})
                .array("int16", GgufType.INT16, new short[] {-32_768, 32_767})
                .array("uint32", GgufType.UINT32, new long[] {0, 0xffff_ffffL})
                .array("int32", GgufType.INT32, new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE})
                .array("float32", GgufType.FLOAT32, new float[] {Float.MIN_VALUE, Float.NEGATIVE_INFINITY})
                .array("bool", GgufType.BOOL, new boolean[] {true, false})
                .array("string", GgufType.STRING, new String[] {"▁a", "", "z".repeat(200_000)})
                .array("uint64", GgufType.UINT64, new long[] {0, Long.MAX_VALUE})
                .array("wide", GgufType.UINT64, new Object[] {1, LARGEST_UINT64})
                .array("int64", GgufType.INT64, new long[] {Long.MIN_VALUE, Long.MAX_VALUE})
                .array("float64", GgufType.FLOAT64, new double[] {Double.MIN_VALUE, 1e300})
                .array("empty", GgufType.FLOAT32, new float[0])
                .array("nested", GgufType.ARRAY, new Object[] {
                    new int[] {1, 2}, new String[] {"x"}, new Object[] {new Object[] {new float[] {3}}}
                });
        try (GgufFile file = roundTrip(writer)) {
            var map = file.metadata().asMap();
            assertArrayEquals(new short[] {0, 255}, (short[]) map.get("uint8"));
            assertArrayEquals(new byte[] {-128, 127}, (byte[]) map.get("int8"));
            assertArrayEquals(new int[] {0, 65_535}, (int[]) map.get("uint16"));
            assertArrayEquals(new short[] {-32_768, 32_767}, (short[]) map.get("int16"));
            assertArrayEquals(new long[] {0, 0xffff_ffffL}, (long[]) map.get("uint32"));
            assertArrayEquals(new int[] {Integer.MIN_VALUE, Integer.MAX_VALUE}, (int[]) map.get("int32"));
            assertArrayEquals(new float[] {Float.MIN_VALUE, Float.NEGATIVE_INFINITY}, (float[]) map.get("float32"));
            assertArrayEquals(new boolean[] {true, false}, (boolean[]) map.get("bool"));
            assertArrayEquals(new String[] {"▁a", "", "z".repeat(200_000)}, (String[]) map.get("string"));
            assertArrayEquals(new long[] {0, Long.MAX_VALUE}, (long[]) map.get("uint64"));
            assertArrayEquals(new BigInteger[] {BigInteger.ONE, LARGEST_UINT64}, (BigInteger[]) map.get("wide"));
            assertArrayEquals(new long[] {Long.MIN_VALUE, Long.MAX_VALUE}, (long[]) map.get("int64"));
            assertArrayEquals(new double[] {Double.MIN_VALUE, 1e300}, (double[]) map.get("float64"));
            assertArrayEquals(new float[0], (float[]) map.get("empty"));
            Object[] nested = (Object[]) map.get("nested");
            assertArrayEquals(new int[] {1, 2}, (int[]) nested[0]);
            assertArrayEquals(new String[] {"x"}, (String[]) nested[1]);
            assertArrayEquals(new Object[] {new Object[] {new float[] {3}}}, (Object[]) nested[2]);

            GgufMetadata metadata = file.metadata();
            assertArrayEquals(new int[] {0, 255}, metadata.integers("uint8"));
            assertArrayEquals(new int[] {-128, 127}, metadata.integers("int8"));
            assertArrayEquals(new float[] {0, Float.POSITIVE_INFINITY}, metadata.reals("float64"));
            assertEquals(3, metadata.strings("string").length);
            assertEquals("ARRAY[ARRAY]", metadata.typeName("nested"));
        }
    }

    @Test
    void aVocabularyOf128000TextsLoadsFast() throws IOException {
        String[] pieces = new String[128_000];
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = "▁piece" + i;
        }
        Path path = folder.resolve("vocabulary.gguf");
        new GgufWriter().metadata("tokenizer.ggml.tokens", pieces).write(path);
        long start = System.nanoTime();
        try (GgufFile file = GgufFile.open(path)) {
            long milliseconds = (System.nanoTime() - start) / 1_000_000;
            assertArrayEquals(pieces, file.metadata().strings("tokenizer.ggml.tokens"));
            // Some 30 ms when cold; the bound only catches a loader that reads the file byte by byte.
            assertTrue(milliseconds < 2000, () -> "took " + milliseconds + " ms");
            System.out.println("128,000 texts opened in " + milliseconds + " ms");
        }
    }

    @Test
    void tensorsKeepShapeOrderAndBits() throws IOException {
        float[] values = {1, -0.0f, Float.NaN, Float.MIN_VALUE, 5, 6, 7, 8};
        GgufWriter writer = new GgufWriter()
                .tensor("matrix", HeapTensor.view(values, 1, 2, 3))
                .tensor("vector", HeapTensor.of(new float[] {9}, 1))
                .tensor("rows", Shape.of(2, 3, 2), (row, filled) -> Arrays.fill(filled, row))
                .tensor("quantized", DType.Q8_0, Shape.of(1, 32), out -> out.write(new byte[34]))
                .tensor("scalar", Shape.of(), (row, filled) -> filled[0] = 4);
        try (GgufFile file = roundTrip(writer)) {
            assertEquals(3, file.version());
            assertEquals(32, file.alignment());
            assertEquals(0, file.dataByteOffset() % 32);
            assertEquals(
                    List.of("matrix", "vector", "rows", "quantized", "scalar"),
                    file.tensors().stream().map(TensorInfo::name).toList());
            TensorInfo matrix = file.find("matrix").orElseThrow();
            assertEquals(Shape.of(2, 3), matrix.shape());
            assertEquals(DType.F32, matrix.dtype());
            assertEquals(24, matrix.byteSize());
            assertEquals(file.dataByteOffset(), matrix.byteOffset());
            assertEquals(
                    file.dataByteOffset() + 32,
                    file.find("vector").orElseThrow().byteOffset());

            float[] read = file.tensor("matrix").toHeap().data();
            for (int i = 0; i < 6; i++) {
                assertEquals(Float.floatToRawIntBits(values[i + 1]), Float.floatToRawIntBits(read[i]), "element " + i);
            }
            assertArrayEquals(new float[] {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, heap(file, "rows"));
            assertArrayEquals(new float[] {4}, heap(file, "scalar"));
            MappedTensor quantized = file.tensor("quantized");
            assertEquals(DType.Q8_0, quantized.dtype());
            assertEquals(34, quantized.segment().byteSize());
            assertEquals(Files.size(file.path()), file.byteSize());
            assertTrue(quantized.segment().isReadOnly());
        }
    }

    private static float[] heap(GgufFile file, String name) throws IOException {
        return file.tensor(name).toHeap().data();
    }

    @Test
    void tensorsWithoutElements() throws IOException {
        GgufWriter writer = new GgufWriter()
                .tensor("a", HeapTensor.of(new float[] {1}, 1))
                .tensor("no rows", HeapTensor.zeros(0, 3))
                .tensor("no columns", DType.Q8_0, Shape.of(2, 0), out -> {})
                .tensor("b", HeapTensor.of(new float[] {2}, 1));
        try (GgufFile file = roundTrip(writer)) {
            assertEquals(Shape.of(0, 3), file.find("no rows").orElseThrow().shape());
            assertArrayEquals(new float[0], heap(file, "no rows"));
            assertEquals(0, file.tensor("no columns").segment().byteSize());
            assertArrayEquals(new float[] {2}, heap(file, "b"));
        }
    }

    @Test
    void anotherAlignmentMovesTensors() throws IOException {
        GgufWriter writer = new GgufWriter()
                .metadata("general.alignment", 128)
                .tensor("a", HeapTensor.of(new float[] {1}, 1))
                .tensor("b", HeapTensor.of(new float[] {2}, 1));
        try (GgufFile file = roundTrip(writer)) {
            assertEquals(128, file.alignment());
            assertEquals(0, file.dataByteOffset() % 128);
            assertEquals(128, file.find("b").orElseThrow().byteOffset() - file.dataByteOffset());
            assertArrayEquals(new float[] {2}, heap(file, "b"));
        }
    }

    @Test
    void version2IsRead() throws IOException {
        Path path = folder.resolve("model.gguf");
        new GgufWriter()
                .metadata("key", "value")
                .tensor("a", HeapTensor.of(new float[] {1, 2}, 2))
                .write(path);
        byte[] bytes = Files.readAllBytes(path);
        bytes[4] = 2;
        Files.write(path, bytes);
        try (GgufFile file = GgufFile.open(path)) {
            assertEquals(2, file.version());
            assertEquals("value", file.metadata().string("key"));
            assertArrayEquals(new float[] {1, 2}, heap(file, "a"));
        }
    }

    @Test
    void typeIdsAreThoseOfTheSpecification() {
        GgufType[] types = GgufType.values();
        assertEquals(13, types.length);
        for (int id = 0; id < types.length; id++) {
            assertEquals(id, types[id].id());
        }
        assertEquals(8, GgufType.STRING.id());
        assertEquals(12, GgufType.FLOAT64.id());
    }

    @Test
    void aFileOfNothingIsSound() throws IOException {
        try (GgufFile file = roundTrip(new GgufWriter())) {
            assertTrue(file.tensors().isEmpty());
            assertTrue(file.metadata().asMap().isEmpty());
        }
    }

    @Test
    void closingUnmaps() throws IOException {
        GgufFile file = roundTrip(new GgufWriter().tensor("t", HeapTensor.of(new float[] {3}, 1)));
        MappedTensor tensor = file.tensor("t");
        assertEquals(3, tensor.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> tensor.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> file.tensor("t"));
        assertTrue(closed.getMessage().endsWith("is closed"), closed.getMessage());
        assertTrue(file.find("t").isPresent());
        assertFalse(file.find("u").isPresent());
        ModelFormatException missing = assertThrows(ModelFormatException.class, () -> file.tensor("u"));
        assertEquals(
                file.path() + ": tensor u: expected a tensor of this name, found none among the file's 1 tensors",
                missing.getMessage());
        assertEquals("tensor u", missing.item());
        assertInstanceOf(IOException.class, missing);
    }
}
