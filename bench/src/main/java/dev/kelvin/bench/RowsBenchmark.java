// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Operations on rows, one thread, beside ceilings that move the same bytes through the same arrays, and do nothing else
 * or the same multiplications.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class RowsBenchmark {
    /** Elements of a batch of rows: three such tensors fit into a second-level cache of 1 MiB. */
    private static final int ELEMENTS = 1 << 16;

    /** D or V; {@code ./dev bench} takes those of {@code shapes/rows.txt}. */
    @Param({"768", "2048", "4096", "128256"})
    public int columns;

    private Compute compute;
    private int rows;
    private HeapTensor x;
    private HeapTensor z;
    private HeapTensor y;
    private HeapTensor weight;
    private HeapTensor sums;
    private HeapTensor[] single;
    private RopeTable rope;
    private int[] positions;

    /** Draws rows and checks that an addition adds. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.serial();
        rows = Math.max(1, ELEMENTS / columns);
        SplittableRandom random = new SplittableRandom(1);
        x = gaussian(random, rows);
        z = gaussian(random, rows);
        weight = gaussian(random, 1);
        y = HeapTensor.zeros(rows, columns);
        sums = HeapTensor.zeros(rows);
        single = new HeapTensor[rows];
        for (int i = 0; i < rows; i++) {
            single[i] = x.rowRange(i, i + 1);
        }
        int headDim = columns % 64 == 0 ? 64 : columns;
        rope = RopeTable.of(
                RopeTable.Pairing.ADJACENT, headDim, rows, RopeTable.frequencies(headDim / 2 * 2, 10_000), 1);
        positions = IntStream.range(0, rows).toArray();
        compute.elements().add(x, z, y);
        for (int i = 0; i < rows * columns; i++) {
            if (y.data()[i] != x.data()[i] + z.data()[i]) {
                throw new IllegalStateException("add: element " + i + " is " + y.data()[i]);
            }
        }
    }

    private HeapTensor gaussian(SplittableRandom random, int count) {
        HeapTensor tensor = HeapTensor.zeros(count, columns);
        for (int i = 0; i < count * columns; i++) {
            tensor.data()[i] = (float) random.nextGaussian(0, 4);
        }
        return tensor;
    }

    private void count(Work work, int tensors) {
        work.bytes += 4L * tensors * rows * columns;
    }

    /** y = x + z. */
    @Benchmark
    public HeapTensor add(Work work) {
        compute.elements().add(x, z, y);
        count(work, 3);
        return y;
    }

    /** RMSNorm; x is read twice, the second time from the first-level cache. */
    @Benchmark
    public HeapTensor rmsNorm(Work work) {
        compute.rows().rmsNorm(x, weight, 1e-5f, y);
        count(work, 2);
        return y;
    }

    /** LayerNorm; x is read three times. */
    @Benchmark
    public HeapTensor layerNorm(Work work) {
        compute.rows().layerNorm(x, weight, weight, 1e-5f, y);
        count(work, 2);
        return y;
    }

    /** The sum of each row. */
    @Benchmark
    public HeapTensor sum(Work work) {
        compute.rows().sum(x, sums);
        count(work, 1);
        return sums;
    }

    /** y = silu(x)·z. */
    @Benchmark
    public HeapTensor swiGlu(Work work) {
        compute.elements().gated(Activation.SILU, x, z, y);
        count(work, 3);
        return y;
    }

    /** y = exp(x). */
    @Benchmark
    public HeapTensor exp(Work work) {
        compute.elements().exp(x, y);
        count(work, 2);
        return y;
    }

    /** Rotary embedding in place, heads of 64 where they fit. */
    @Benchmark
    public HeapTensor rope(Work work) {
        compute.attention().rope(y, rope, positions);
        count(work, 2);
        return y;
    }

    /** Log-probabilities. */
    @Benchmark
    public HeapTensor logSoftmax(Work work) {
        compute.logSoftmax(x, 0.8f, y);
        count(work, 2);
        return y;
    }

    /** One logarithm a row. */
    @Benchmark
    public HeapTensor logSumExp(Work work) {
        compute.logits().logSumExp(x, 0.8f, sums);
        count(work, 1);
        return sums;
    }

    /** The largest element of each row. */
    @Benchmark
    public float max(Work work) {
        float sum = 0;
        for (HeapTensor row : single) {
            sum += compute.logits().max(row);
        }
        count(work, 1);
        return sum;
    }

    /** Where they stand. */
    @Benchmark
    public int argmax(Work work) {
        int sum = 0;
        for (HeapTensor row : single) {
            sum += compute.logits().argmax(row);
        }
        count(work, 1);
        return sum;
    }

    /** Reads x. */
    @Benchmark
    public int ceilingRead(Work work) {
        count(work, 1);
        return CeilingLoops.read(x.data(), 0, rows * columns);
    }

    /** Copies x to y, by lanes. */
    @Benchmark
    public HeapTensor ceilingCopy(Work work) {
        CeilingLoops.copy(x.data(), y.data(), 0, rows * columns);
        count(work, 2);
        return y;
    }

    /** Reads y and writes it. */
    @Benchmark
    public HeapTensor ceilingInPlace(Work work) {
        CeilingLoops.inPlace(y.data(), 0, rows * columns);
        count(work, 2);
        return y;
    }

    /** Makes y of x and z with one integer operation. */
    @Benchmark
    public HeapTensor ceilingMerge(Work work) {
        CeilingLoops.merge(x.data(), z.data(), y.data(), 0, rows * columns);
        count(work, 3);
        return y;
    }

    /** Reads a row of x, then makes one of y of it and the weights, by an integer operation: RMSNorm's two passes. */
    @Benchmark
    public int ceilingNorm(Work work) {
        int read = 0;
        for (int row = 0; row < rows; row++) {
            int begin = row * columns;
            read |= CeilingLoops.read(x.data(), begin, begin + columns);
            CeilingLoops.mergeRow(x.data(), weight.data(), y.data(), begin, begin + columns);
        }
        count(work, 2);
        return read;
    }

    /** The same with a row read twice before: LayerNorm's three passes. */
    @Benchmark
    public int ceilingLayerNorm(Work work) {
        int read = 0;
        for (int row = 0; row < rows; row++) {
            int begin = row * columns;
            read |= CeilingLoops.read(x.data(), begin, begin + columns);
            read |= CeilingLoops.read(x.data(), begin, begin + columns);
            CeilingLoops.mergeRow(x.data(), weight.data(), y.data(), begin, begin + columns);
        }
        count(work, 2);
        return read;
    }

    /** Exchange and multiplications of a rotation, in one loop over all heads. */
    @Benchmark
    public HeapTensor ceilingRope(Work work) {
        CeilingLoops.rotateInPlace(y.data(), 0, rows * columns);
        count(work, 2);
        return y;
    }

    /**
     * The multiplications of exp: two for y = x·log₂e and its error's second term, one for the first, eight for 2^f.
     */
    @Benchmark
    public HeapTensor ceilingExp(Work work) {
        CeilingLoops.multiply(x.data(), y.data(), 0, rows * columns, 11);
        count(work, 2);
        return y;
    }

    /** Those of exp and one by z, and a division. */
    @Benchmark
    public HeapTensor ceilingSwiGlu(Work work) {
        CeilingLoops.multiplyDivide(x.data(), z.data(), y.data(), 0, rows * columns, 12);
        count(work, 3);
        return y;
    }

    /** Nine for a numerator of the sum and one for the result. */
    @Benchmark
    public HeapTensor ceilingLogSoftmax(Work work) {
        CeilingLoops.multiply(x.data(), y.data(), 0, rows * columns, 10);
        count(work, 2);
        return y;
    }

    /** Nine for a numerator; that y is written costs nothing beside them. */
    @Benchmark
    public HeapTensor ceilingLogSumExp(Work work) {
        CeilingLoops.multiply(x.data(), y.data(), 0, rows * columns, 9);
        count(work, 1);
        return y;
    }

    /** Ends the operations. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
