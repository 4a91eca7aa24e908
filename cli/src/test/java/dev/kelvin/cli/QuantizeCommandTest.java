// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.GgufType;
import dev.kelvin.format.GgufWriter;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Shape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizeCommandTest {
    private static final String TOKEN = "test.bytes";

    @TempDir
    Path folder;

    /** A file with each kind of tensor that is treated apart; no model, since quantizing asks for none. */
    private Path input(float last) throws IOException {
        Random random = new Random(1);
        GgufWriter writer = new GgufWriter()
                .metadata("general.architecture", "llama")
                .metadata("llama.block_count", 2)
                .metadata("general.file_type", GgufType.UINT32, 0)
                .metadata(TOKEN, GgufType.UINT8, 200)
                .array("test.mixed", GgufType.INT16, new short[] {1, -2, 3})
                .metadata("general.alignment", 64)
                .tensor("token_embd.weight", tensor(random, 700, 512))
                .tensor("blk.0.attn_v.weight", tensor(random, 3, 256))
                .tensor("blk.1.attn_v.weight", tensor(random, 3, 256))
                .tensor("blk.1.ffn_down.weight", tensor(random, 5, 96))
                .tensor("blk.1.odd.weight", tensor(random, 5, 50))
                .tensor("blk.1.attn_norm.weight", tensor(random, 512))
                .tensor("none.weight", HeapTensor.zeros(0, 256))
                .tensor("blk.1.table", tensor(random, 2, 256))
                .tensor("ids.weight", DType.I32, Shape.of(2, 1), out -> out.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}));
        HeapTensor output = tensor(random, 9, 256);
        output.data()[9 * 256 - 1] = last;
        writer.tensor("output.weight", output);
        Path path = folder.resolve("in.gguf");
        writer.write(path);
        return path;
    }

    private static HeapTensor tensor(Random random, int... dims) {
        HeapTensor tensor = HeapTensor.zeros(dims);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    private Outcome quantize(Path in, Path out, String... more) {
        String[] args = Stream.concat(Stream.of("quantize", in.toString(), out.toString()), Stream.of(more))
                .toArray(String[]::new);
        return Outcome.of(args);
    }

    @ParameterizedTest
    @CsvSource({
        // type, file type, embedding, values of layer 0 and 1, rows of 96, output
        "F32, 0, F32, F32, F32, F32, F32, F32",
        "F16, 1, F16, F16, F16, F16, F16, F16",
        "BF16, 32, BF16, BF16, BF16, BF16, BF16, BF16",
        "Q8_0, 7, Q8_0, Q8_0, Q8_0, Q8_0, F16, Q8_0",
        "Q4_0, 2, Q4_0, Q4_0, Q4_0, Q4_0, F16, Q4_0",
        "Q4_K, 14, Q4_K, Q4_K, Q4_K, Q5_0, F16, Q4_K",
        "Q4_K_M, 15, Q4_K, Q4_K, Q6_K, Q8_0, F16, Q6_K",
        "Q5_K, 16, Q5_K, Q5_K, Q5_K, Q5_1, F16, Q5_K",
        "Q2_K, 10, Q2_K, Q2_K, Q2_K, IQ4_NL, F16, Q2_K",
        "MXFP4, 38, MXFP4, MXFP4, MXFP4, MXFP4, F16, MXFP4",
        "q6_k, 18, Q6_K, Q6_K, Q6_K, Q8_0, F16, Q6_K"
    })
    void writesEachTypeAndKeepsTheRest(
            String type, int fileType, DType embedding, DType first, DType second, DType down, DType odd, DType output)
            throws IOException {
        Path in = input(1);
        Path out = folder.resolve("out.gguf");
        Outcome outcome = quantize(in, out, "--type", type, "--threads", "2");
        assertEquals("", outcome.result());
        assertTrue(outcome.err().contains("] 100%\n"), outcome.err());
        assertTrue(outcome.err().contains("out.gguf: "), outcome.err());
        try (GgufFile before = GgufFile.open(in);
                GgufFile after = GgufFile.open(out)) {
            Map<String, DType> expected = Map.of(
                    "token_embd.weight", embedding,
                    "blk.0.attn_v.weight", first,
                    "blk.1.attn_v.weight", second,
                    "blk.1.ffn_down.weight", down,
                    "blk.1.odd.weight", odd,
                    "blk.1.attn_norm.weight", DType.F32,
                    "blk.1.table", DType.F32,
                    "none.weight", DType.F32,
                    "ids.weight", DType.I32,
                    "output.weight", output);
            assertEquals(before.tensors().size(), after.tensors().size());
            for (int i = 0; i < before.tensors().size(); i++) {
                String name = before.tensors().get(i).name();
                assertEquals(name, after.tensors().get(i).name());
                assertEquals(expected.get(name), after.tensor(name).dtype(), name);
                assertEquals(before.tensor(name).shape(), after.tensor(name).shape());
                if (!name.equals("ids.weight")) {
                    float[] x = before.tensor(name).toHeap().data();
                    byte[] bytes = new byte[Math.toIntExact(expected.get(name).byteSize(x.length))];
                    expected.get(name).format().encode(x, 0, bytes, 0, x.length);
                    assertArrayEquals(bytes, bytesOf(after, name), name);
                }
            }
            assertArrayEquals(bytesOf(before, "ids.weight"), bytesOf(after, "ids.weight"));
            assertEquals(fileType, after.metadata().integer("general.file_type"));
            assertEquals(2, after.metadata().integer("general.quantization_version"));
            assertEquals("UINT8", after.metadata().typeName(TOKEN));
            assertEquals(200, after.metadata().integer(TOKEN));
            assertEquals("ARRAY[INT16]", after.metadata().typeName("test.mixed"));
            assertArrayEquals(new int[] {1, -2, 3}, after.metadata().integers("test.mixed"));
            assertEquals(64, after.alignment());
        }
    }

    private static byte[] bytesOf(GgufFile file, String name) throws IOException {
        return file.tensor(name).segment().toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void sameBytesWhateverTheThreads() throws IOException {
        Path in = input(1);
        quantize(in, folder.resolve("one.gguf"), "--type", "Q4_K_M", "--threads", "1")
                .result();
        quantize(in, folder.resolve("four.gguf"), "--type", "Q4_K_M", "--threads", "4")
                .result();
        assertEquals(-1, Files.mismatch(folder.resolve("one.gguf"), folder.resolve("four.gguf")));
        // What has its type already is copied, also where encoding it again would change it.
        quantize(folder.resolve("one.gguf"), folder.resolve("again.gguf"), "--type", "Q4_K_M")
                .result();
        assertEquals(-1, Files.mismatch(folder.resolve("one.gguf"), folder.resolve("again.gguf")));
        quantize(in, folder.resolve("other.gguf"), "--type", "Q4_K").result();
        assertNotEquals(-1, Files.mismatch(folder.resolve("one.gguf"), folder.resolve("other.gguf")));
    }

    @Test
    void aPartOfASplitModelIsTheWhole() throws IOException {
        Path whole = folder.resolve("whole.gguf");
        quantize(SharedData.require("faults/r17-whole.gguf"), whole, "--type", "Q8_0")
                .result();
        for (int part = 1; part <= 2; part++) {
            Path in = Files.copy(
                    SharedData.require("faults/r17-split-0000" + part + "-of-00002.gguf"),
                    folder.resolve("m-0000" + part + "-of-00002.gguf"));
            Path out = folder.resolve("out.gguf");
            if (part == 1) {
                String missing = quantize(in, out, "--type", "Q8_0").failure();
                assertTrue(missing.contains("m-00002-of-00002.gguf: file: expected part 2 of 2"), missing);
                assertFalse(Files.exists(out));
            } else {
                quantize(in, out, "--type", "Q8_0").result();
                assertEquals(-1, Files.mismatch(whole, out));
                Path first = folder.resolve("m-00001-of-00002.gguf");
                assertTrue(quantize(in, first, "--type", "Q8_0").refusal().contains("the same file"));
            }
        }
    }

    @Test
    void refusesNumbersThatTheTypeCannotHoldAndLeavesNothingBehind() throws IOException {
        Path out = folder.resolve("out.gguf");
        for (float last : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            String message = quantize(input(last), out, "--type", "Q4_0").err();
            assertTrue(message.contains("tensor output.weight") && message.contains("at element 2303"), message);
        }
        assertTrue(quantize(input(65520), out, "--type", "F16").err().contains("finite numbers that F16 can hold"));
        assertTrue(
                quantize(input(Float.MAX_VALUE), out, "--type", "BF16").err().contains("numbers that BF16 can hold"));
        for (String type : List.of("Q8_0", "Q6_K", "Q4_K", "IQ4_NL", "Q2_K", "TQ2_0")) {
            String message = quantize(input(1e9f), out, "--type", type).err();
            assertTrue(message.contains("numbers that " + type + " can hold, found another at element 2303"), message);
        }
        quantize(input(1e9f), out, "--type", "MXFP4").result();
        quantize(input(65519), out, "--type", "F16").result();
        Files.delete(out);
        assertEquals(Main.FAILURE, quantize(input(65520), out, "--type", "F16").exitCode());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(1, left.count());
        }
        assertFalse(Files.exists(out));
    }

    @Test
    void refusesRowsThatNoArrayHolds() throws IOException {
        Path in = folder.resolve("long.gguf");
        int columns = 1 << 29;
        byte[] zeros = new byte[1 << 20];
        new GgufWriter()
                .tensor("long.weight", DType.TQ1_0, Shape.of(1, columns), out -> {
                    for (long left = DType.TQ1_0.byteSize(columns); left > 0; left -= zeros.length) {
                        out.write(zeros, 0, (int) Math.min(left, zeros.length));
                    }
                })
                .write(in);
        String message =
                quantize(in, folder.resolve("out.gguf"), "--type", "F32").failure();
        assertTrue(
                message.contains(
                        "tensor long.weight: expected rows of at most 2147483639 bytes as F32, found shape [1, "
                                + "536870912]"),
                message);
    }

    @Test
    void refusesTheSameFileAndOtherTypes() throws IOException {
        Path in = input(1);
        assertTrue(quantize(in, in, "--type", "Q4_0").refusal().contains("the same file"));
        assertTrue(quantize(in, folder.resolve("out.gguf"), "--type", "Q8_K")
                .refusal()
                .contains("'Q8_K' is none of [F32, F16, BF16, Q8_0, Q4_0, Q4_1, "));
        assertTrue(quantize(in, folder.resolve("out.gguf")).refusal().contains("--type"));
        assertTrue(quantize(folder.resolve("none.gguf"), folder.resolve("out.gguf"), "--type", "F16")
                .failure()
                .contains("none.gguf: no such file"));
    }

    @Test
    void theModelThatComesWithTheProgramIsTheDefaultAndReplacesNothing() throws IOException {
        Path out = folder.resolve("stories.gguf");
        Outcome.of("quantize", out.toString(), "--type", "Q4_0").result();
        byte[] written = Files.readAllBytes(out);
        assertTrue(Outcome.of("quantize", out.toString(), "--type", "Q8_0")
                .refusal()
                .contains("stories.gguf exists"));
        assertArrayEquals(written, Files.readAllBytes(out));
    }
}
