// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.proptest;

import dev.kelvin.kernel.AttentionBatch;
import dev.kelvin.kernel.DrawnBlocks;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.Shape;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/**
 * The reproducibility contract: the same bits at every lane width {scalar, 128, 256, 512}, with 1, 2, 3 and 7 threads,
 * alone or in a batch, at any offset in its array.
 */
@PropertyDefaults(edgeCases = EdgeCasesMode.NONE)
class SameBitsProperties {
    /** A tensor at an offset, its elements uniform in [-scale, scale], and NaN around it. */
    private static HeapTensor tensor(SplittableRandom random, double scale, int offset, int rows, int columns) {
        int elements = rows * columns;
        float[] data = new float[offset + elements + 5];
        Arrays.fill(data, Float.NaN);
        for (int i = 0; i < elements; i++) {
            data[offset + i] = (float) random.nextDouble(-scale, scale);
        }
        return HeapTensor.view(data, offset, rows, columns);
    }

    /** A place for results at an offset, NaN all over. */
    private static HeapTensor results(int offset, int rows, int columns) {
        float[] data = new float[offset + rows * columns + 5];
        Arrays.fill(data, Float.NaN);
        return HeapTensor.view(data, offset, rows, columns);
    }

    @Provide
    Arbitrary<Integer> inner() {
        return Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.integers().between(0, 70)),
                Tuple.of(1, Arbitraries.integers().between(71, 700).withDistribution(RandomDistribution.uniform())));
    }

    @Provide
    Arbitrary<Integer> vocabulary() {
        return SoftmaxDomain.lengths().map(length -> 1 + length % 20_000);
    }

    @Provide
    Arbitrary<Float> temperature() {
        return Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.of(0f, 0.1f, 0.8f, 1f, 1.7f, 30f, Float.POSITIVE_INFINITY)),
                Tuple.of(1, SoftmaxDomain.anyPositive()));
    }

    @Property(tries = 200)
    void matmul(
            @ForAll @IntRange(min = 1, max = 11) int m,
            @ForAll @IntRange(min = 1, max = 90) int n,
            @ForAll("inner") int k,
            @ForAll @IntRange(max = 17) int offset,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HeapTensor x = tensor(random, 3, offset, m, k);
        HeapTensor w = tensor(random, 0.3, 17 - offset, n, k);
        HeapTensor expected = results(0, m, n);
        ComputeGrid.reference().matmul(x, w, expected);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor y = results(offset, m, n);
            point.compute().matmul(x, w, y);
            Law.sameBits(expected.data(), 0, y.data(), offset, m * n, point::toString);
            int row = random.nextInt(m);
            HeapTensor alone = results(3, 1, n);
            point.compute().matmul(x.rowRange(row, row + 1), w, alone);
            Law.sameBits(expected.data(), row * n, alone.data(), 3, n, () -> "row " + row + " alone at " + point);
        }
    }

    /**
     * Sixteen lanes of K/16 fused multiply-adds each, then four additions: |y - Y| ≤ γ·Σ|x·w| with γ = (⌈K/16⌉ + 4)u
     * and u = 2⁻²⁴, as an element passes at most so many roundings. Σ|x·w| in double is off by nothing that shows.
     */
    @Property(tries = 150)
    void matmulIsWithinItsBoundOfTheExactSum(
            @ForAll @IntRange(min = 1, max = 5) int m,
            @ForAll @IntRange(min = 1, max = 40) int n,
            @ForAll("inner") int k,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HeapTensor x = tensor(random, 3, 1, m, k);
        HeapTensor w = tensor(random, 0.3, 2, n, k);
        HeapTensor y = results(0, m, n);
        ComputeGrid.fastest().matmul(x, w, y);
        double gamma = (Math.ceilDiv(k, 16) + 4) * 0x1p-24 * (1 + 1e-4);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                double magnitude = 0;
                for (int l = 0; l < k; l++) {
                    double product = (double) x.data()[1 + i * k + l] * w.data()[2 + j * k + l];
                    sum += product;
                    magnitude += Math.abs(product);
                }
                double error = Math.abs(y.data()[i * n + j] - sum);
                double bound = gamma * magnitude + k * Float.MIN_VALUE;
                Law.holds(error <= bound, () -> "error " + error + ", bound " + bound);
            }
        }
    }

    @Property(tries = 100)
    void softmax(
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll("vocabulary") int columns,
            @ForAll("temperature") float temperature,
            @ForAll @IntRange(max = 17) int offset,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HeapTensor logits = tensor(random, 20, offset, rows, columns);
        HeapTensor probs = results(0, rows, columns);
        HeapTensor logProbs = results(0, rows, columns);
        ComputeGrid.reference().softmax(logits, temperature, probs);
        ComputeGrid.reference().logSoftmax(logits, temperature, logProbs);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            Compute compute = point.compute();
            HeapTensor actual = copy(logits, 17 - offset, rows, columns);
            compute.softmax(actual, temperature, actual);
            Law.sameBits(probs.data(), 0, actual.data(), 17 - offset, rows * columns, () -> "softmax at " + point);
            compute.logSoftmax(logits, temperature, actual);
            Law.sameBits(
                    logProbs.data(), 0, actual.data(), 17 - offset, rows * columns, () -> "logSoftmax at " + point);
            int row = random.nextInt(rows);
            HeapTensor alone = results(1, 1, columns);
            compute.softmax(logits.rowRange(row, row + 1), temperature, alone);
            Law.sameBits(
                    probs.data(),
                    row * columns,
                    alone.data(),
                    1,
                    columns,
                    () -> "softmax of row " + row + " alone at " + point);
        }
    }

    private static HeapTensor copy(HeapTensor source, int offset, int rows, int columns) {
        float[] data = new float[offset + rows * columns];
        System.arraycopy(source.data(), source.offset(), data, offset, rows * columns);
        return HeapTensor.view(data, offset, rows, columns);
    }

    @Property(tries = 200)
    void rmsNormAndSwiGlu(
            @ForAll @IntRange(min = 1, max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 700) int columns,
            @ForAll @IntRange(max = 17) int offset,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HeapTensor x = tensor(random, 5, offset, rows, columns);
        HeapTensor up = tensor(random, 5, 3, rows, columns);
        HeapTensor weight = tensor(random, 2, 1, 1, columns);
        HeapTensor normalised = results(0, rows, columns);
        HeapTensor gated = results(0, rows, columns);
        ComputeGrid.reference().rows().rmsNorm(x, weight, 1e-5f, normalised);
        ComputeGrid.reference().elements().gated(Activation.SILU, x, up, gated);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor actual = copy(x, offset + 1, rows, columns);
            point.compute().rows().rmsNorm(actual, weight, 1e-5f, actual);
            Law.sameBits(normalised.data(), 0, actual.data(), offset + 1, rows * columns, () -> "rmsNorm at " + point);
            point.compute().elements().gated(Activation.SILU, x, up, actual);
            Law.sameBits(gated.data(), 0, actual.data(), offset + 1, rows * columns, () -> "swiGlu at " + point);
        }
    }

    /** So that the largest scores of rows lie on both sides of 108, where softmax takes another way, and far beyond. */
    @Provide
    Arbitrary<Float> scoreScale() {
        return Arbitraries.of(0.2f, 1f, 4f, -4f, 20f, 1e4f);
    }

    @Provide
    Arbitrary<AttentionMask> mask() {
        return Arbitraries.of(AttentionMask.causal(), AttentionMask.window(1), AttentionMask.window(70));
    }

    /** Rows of sequences in one call have the bits of each sequence's queries in pieces of any size. */
    @Property(tries = 60)
    void attention(
            @ForAll @IntRange(min = 1, max = 3) int kvHeads,
            @ForAll @IntRange(min = 1, max = 5) int group,
            @ForAll @IntRange(min = 1, max = 70) int headDim,
            @ForAll("mask") AttentionMask mask,
            @ForAll("scoreScale") float scale,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int heads = kvHeads * group;
        int[] rows = new int[2 * (1 + random.nextInt(5))];
        for (int i = 0; i < rows.length; i += 2) {
            rows[i] = random.nextInt(150);
            rows[i + 1] = random.nextBoolean() ? 1 : 1 + random.nextInt(20);
        }
        AttentionBatch batch = new AttentionBatch(seed, DType.F32, heads, kvHeads, headDim, headDim, rows);
        int count = batch.spans().rows();
        HeapTensor expected = results(0, count, heads * headDim);
        ComputeGrid.reference()
                .attention()
                .attend(new AttentionCall(
                        batch.q(), batch.rows(), expected, heads, scale, mask, AttentionScores.PLAIN));
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor actual = results(5, count, heads * headDim);
            point.compute()
                    .attention()
                    .attend(new AttentionCall(
                            batch.q(), batch.rows(), actual, heads, scale, mask, AttentionScores.PLAIN));
            Law.sameBits(expected.data(), 0, actual.data(), 5, count * heads * headDim, point::toString);
            HeapTensor pieces = results(5, count, heads * headDim);
            for (int begin = 0; begin < count; ) {
                int span = batch.spans().of(begin);
                int end = begin + 1 + random.nextInt(batch.spans().rowEnd(span) - begin);
                point.compute()
                        .attention()
                        .attend(new AttentionCall(
                                batch.q().rowRange(begin, end),
                                batch.rows(span, begin, end),
                                pieces.rowRange(begin, end),
                                heads,
                                scale,
                                mask,
                                AttentionScores.PLAIN));
                begin = end;
            }
            Law.sameBits(expected.data(), 0, pieces.data(), 5, count * heads * headDim, point::toString);
        }
    }

    /** Attention over whole sequences and its derivative, now and then with a number that is none. */
    @Property(tries = 40)
    void sequenceAttention(
            @ForAll @IntRange(min = 1, max = 3) int kvHeads,
            @ForAll @IntRange(min = 1, max = 5) int group,
            @ForAll @IntRange(min = 1, max = 40) int headDim,
            @ForAll @IntRange(min = 1, max = 70) int length,
            @ForAll("scoreScale") float scale,
            @ForAll boolean faulty,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int rows = 2 * length;
        int width = kvHeads * group * headDim;
        int kvWidth = kvHeads * headDim;
        HeapTensor q = tensor(random, 3, 2, rows, width);
        HeapTensor k = tensor(random, 3, 1, rows, kvWidth);
        HeapTensor v = tensor(random, 3, 0, rows, kvWidth);
        HeapTensor dOut = tensor(random, 3, 3, rows, width);
        if (faulty) {
            q.data()[2 + random.nextInt(rows * width)] = -Float.NaN;
        }
        HeapTensor[] expected = null;
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor[] actual = {
                results(5, rows, width), results(5, rows, width), results(5, rows, kvWidth), results(5, rows, kvWidth)
            };
            SequenceAttentionCall call =
                    new SequenceAttentionCall(q, k, v, actual[0], 2, kvHeads * group, kvHeads, headDim, scale);
            point.compute().training().attention(call);
            point.compute().training().attentionBackward(call, dOut, actual[1], actual[2], actual[3]);
            expected = expected == null ? actual : expected;
            for (int i = 0; i < actual.length; i++) {
                int elements = rows * actual[i].columns();
                Law.sameBits(expected[i].data(), 5, actual[i].data(), 5, elements, point::toString);
            }
        }
    }

    @Provide
    Arbitrary<DType> weightType() {
        return Arbitraries.of(
                Arrays.stream(DType.values()).filter(DType::isDecodable).toList());
    }

    /** Weights of every type, from any address, packed too where they can be; a row alone has the bits of the row. */
    @Property(tries = 120)
    void matmulOfEveryType(
            @ForAll("weightType") DType type,
            @ForAll @IntRange(min = 1, max = 70) int m,
            @ForAll @IntRange(min = 1, max = 150) int n,
            @ForAll @IntRange(min = 1, max = 600) int inner,
            @ForAll @IntRange(max = 63) int byteOffset,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int k = Math.ceilDiv(inner, type.blockSize()) * type.blockSize();
        byte[] bytes =
                DrawnBlocks.of(type, Arrays.copyOf(tensor(random, 1, 0, n, k).data(), n * k));
        HeapTensor x = tensor(random, 3, byteOffset % 17, m, k);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment segment = arena.allocate(bytes.length + 64L, 64).asSlice(byteOffset, bytes.length);
            MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
            MappedTensor mapped = new MappedTensor(type, Shape.of(n, k), segment);
            Tensor packed = ComputeGrid.reference().weights().pack(mapped, arena);
            for (Tensor w : packed == mapped ? List.of(mapped) : List.of(mapped, packed)) {
                HeapTensor expected = results(0, m, n);
                ComputeGrid.reference().matmul(x, w, expected);
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    HeapTensor y = results(7, m, n);
                    point.compute().matmul(x, w, y);
                    Law.sameBits(expected.data(), 0, y.data(), 7, m * n, () -> w + " at " + point);
                    int row = random.nextInt(m);
                    HeapTensor alone = results(3, 1, n);
                    point.compute().matmul(x.rowRange(row, row + 1), w, alone);
                    Law.sameBits(
                            expected.data(), row * n, alone.data(), 3, n, () -> w + ", row " + row + " at " + point);
                }
            }
        }
    }

    @Provide
    Arbitrary<int[]> attentionShape() {
        return Arbitraries.of(Shapes.attention());
    }

    /** The last two positions of a full cache, at the shapes that the benchmarks measure too. */
    @Property(tries = 8)
    void attentionOfListedShapes(@ForAll("attentionShape") int[] shape, @ForAll long seed) {
        int heads = shape[0];
        int headDim = shape[2];
        int width = heads * headDim;
        AttentionBatch batch = new AttentionBatch(seed, DType.F32, heads, shape[1], headDim, headDim, shape[3] - 2, 2);
        AttentionMask mask = AttentionMask.causal();
        HeapTensor expected = results(0, 2, width);
        ComputeGrid.reference()
                .attention()
                .attend(new AttentionCall(batch.q(), batch.rows(), expected, heads, 0.1f, mask, AttentionScores.PLAIN));
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            HeapTensor actual = results(5, 2, width);
            point.compute()
                    .attention()
                    .attend(new AttentionCall(
                            batch.q(), batch.rows(), actual, heads, 0.1f, mask, AttentionScores.PLAIN));
            Law.sameBits(expected.data(), 0, actual.data(), 5, 2 * width, point::toString);
        }
    }

    @Provide
    Arbitrary<Integer> rowLength() {
        return Arbitraries.of(Shapes.rows());
    }

    /** Everything that works on rows, at the lengths that the benchmarks measure too. */
    @Property(tries = 40)
    void rowsOfListedLengths(
            @ForAll("rowLength") int columns,
            @ForAll("temperature") float temperature,
            @ForAll @IntRange(max = 17) int offset,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HeapTensor x = tensor(random, 20, offset, 2, columns);
        HeapTensor z = tensor(random, 20, 17 - offset, 2, columns);
        HeapTensor weight = tensor(random, 2, 1, 1, columns);
        for (int operation = 0; operation < ROW_OPERATIONS.size(); operation++) {
            RowOperation apply = ROW_OPERATIONS.get(operation);
            HeapTensor expected = results(0, 2, columns);
            apply.run(ComputeGrid.reference(), x, z, weight, temperature, expected);
            String what = "operation " + operation + " of rows of " + columns + " at ";
            for (ComputeGrid.Point point : ComputeGrid.points()) {
                HeapTensor actual = results(offset, 2, columns);
                apply.run(point.compute(), x, z, weight, temperature, actual);
                Law.sameBits(expected.data(), 0, actual.data(), offset, 2 * columns, () -> what + point);
                HeapTensor alone = results(3, 1, columns);
                apply.run(point.compute(), x.rowRange(1, 2), z.rowRange(1, 2), weight, temperature, alone);
                Law.sameBits(expected.data(), columns, alone.data(), 3, columns, () -> what + point + ", alone");
            }
        }
    }

    /** y from x, z and the weight of a norm. */
    @FunctionalInterface
    private interface RowOperation {
        void run(Compute compute, HeapTensor x, HeapTensor z, HeapTensor weight, float temperature, HeapTensor y);
    }

    private static final List<RowOperation> ROW_OPERATIONS = List.of(
            (compute, x, z, weight, temperature, y) -> compute.softmax(x, temperature, y),
            (compute, x, z, weight, temperature, y) -> compute.logSoftmax(x, temperature, y),
            (compute, x, z, weight, temperature, y) -> compute.elements().add(x, z, y),
            (compute, x, z, weight, temperature, y) -> compute.elements().exp(x, y),
            (compute, x, z, weight, temperature, y) -> compute.elements().gated(Activation.SILU, x, z, y),
            (compute, x, z, weight, temperature, y) -> compute.rows().rmsNorm(x, weight, 1e-5f, y));
}
