// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.parallel.RangeTask;
import dev.kelvin.parallel.Workers;
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

/** What a parallel region costs beside its work: two ranges of nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class HandOverBenchmark {
    private final RangeTask nothing = (worker, begin, end) -> {};

    /** Threads of the crew, and ranges of the region. */
    @Param({"1", "2"})
    public int threads;

    private Workers workers;

    /** Starts the crew. */
    @Setup(Level.Trial)
    public void setUp() {
        workers = Workers.start(threads);
    }

    /** An empty region. */
    @Benchmark
    public void handOver() {
        workers.run(threads, 1, nothing);
    }

    /** Ends the crew. */
    @TearDown(Level.Trial)
    public void tearDown() {
        workers.close();
    }
}
