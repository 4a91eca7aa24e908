// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.Similarity;
import dev.kelvin.ops.Compute;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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

/** One query against rows of 384, the nearest ten, read from memory: GB/s beside what the machine reads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class SearchBenchmark {
    private static final int COLUMNS = 384;

    /** Rows. */
    @Param("1000000")
    public int rows;

    /** Threads that share the rows. */
    @Param({"1", "2"})
    public int threads;

    /** What is compared. */
    @Param
    public Similarity by;

    private Compute compute;
    private float[] query;
    private Matrix floats;
    private byte[] byteQuery;
    private byte[] bytes;
    private final Neighbours found = Neighbours.of(10);

    /** Draws rows, one of which is the query, and checks that it is found. */
    @Setup(Level.Trial)
    public void setUp() {
        compute = Compute.start(threads);
        SplittableRandom random = new SplittableRandom(1);
        float[] data = new float[rows * COLUMNS];
        bytes = new byte[rows * COLUMNS];
        for (int i = 0; i < data.length; i++) {
            data[i] = random.nextFloat() - 0.5f;
        }
        random.nextBytes(bytes);
        floats = Matrix.of(data, rows, COLUMNS);
        query = new float[COLUMNS];
        byteQuery = new byte[COLUMNS];
        int row = rows / 3;
        System.arraycopy(data, row * COLUMNS, query, 0, COLUMNS);
        System.arraycopy(bytes, row * COLUMNS, byteQuery, 0, COLUMNS);
        compute.search().nearest(by, query, floats, found);
        int first = found.row(0);
        compute.search().nearest(by, byteQuery, bytes, found);
        if (first != row || found.row(0) != row) {
            throw new IllegalStateException("search: found " + first + " and " + found.row(0) + ", not " + row);
        }
    }

    /** Rows of floats. */
    @Benchmark
    public Neighbours ofFloats(Work work) {
        compute.search().nearest(by, query, floats, found);
        work.bytes += 4L * rows * COLUMNS;
        return found;
    }

    /** Rows of bytes. */
    @Benchmark
    public Neighbours ofBytes(Work work) {
        compute.search().nearest(by, byteQuery, bytes, found);
        work.bytes += (long) rows * COLUMNS;
        return found;
    }

    /** Ends the threads. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
