// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.ops.Vectors;
import java.lang.reflect.Field;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.util.VectorUtil;
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
import org.openjdk.jmh.annotations.Warmup;

/** Two vectors in the first-level cache, beside Lucene's {@code VectorUtil}, on one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx1g"})
public class VectorBenchmark {
    /** Elements of a vector; 100 and 1000 fill neither the lanes of a sum nor all vectors. */
    @Param({"100", "384", "768", "1000", "1024", "4096"})
    public int length;

    private float[] a;
    private float[] b;
    private byte[] x;
    private byte[] y;

    /** Draws vectors and checks both against double. */
    @Setup(Level.Trial)
    public void setUp() {
        SplittableRandom random = new SplittableRandom(1);
        a = new float[length];
        b = new float[length];
        x = new byte[length];
        y = new byte[length];
        double expected = 0;
        int exact = 0;
        for (int i = 0; i < length; i++) {
            a[i] = random.nextFloat();
            b[i] = random.nextFloat();
            x[i] = (byte) random.nextInt();
            y[i] = (byte) random.nextInt();
            expected += (double) a[i] * b[i];
            exact += x[i] * y[i];
        }
        requireLanes();
        double error = Math.abs(dot() - expected) + Math.abs(luceneDot() - expected);
        if (!(error < 1e-4 * expected) || dotOfBytes() != exact || luceneDotOfBytes() != exact) {
            throw new IllegalStateException("dot: off by " + error + ", of bytes " + dotOfBytes());
        }
    }

    /** Lucene has plain loops besides, which it takes if it finds no lanes. */
    private static void requireLanes() {
        try {
            Field implementation = VectorUtil.class.getDeclaredField("IMPL");
            implementation.setAccessible(true);
            String name = implementation.get(null).getClass().getSimpleName();
            if (!name.startsWith("Panama")) {
                throw new IllegalStateException("VectorUtil computes by " + name);
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("VectorUtil", e);
        }
    }

    @Benchmark
    public float dot() {
        return Vectors.dot(a, b);
    }

    @Benchmark
    public float luceneDot() {
        return VectorUtil.dotProduct(a, b);
    }

    @Benchmark
    public float cosine() {
        return Vectors.cosine(a, b);
    }

    @Benchmark
    public float luceneCosine() {
        return VectorUtil.cosine(a, b);
    }

    @Benchmark
    public float distance() {
        return Vectors.squaredDistance(a, b);
    }

    @Benchmark
    public float luceneDistance() {
        return VectorUtil.squareDistance(a, b);
    }

    @Benchmark
    public int dotOfBytes() {
        return Vectors.dot(x, 0, y, 0, length);
    }

    @Benchmark
    public int luceneDotOfBytes() {
        return VectorUtil.dotProduct(x, y);
    }

    @Benchmark
    public float cosineOfBytes() {
        return Vectors.cosine(x, 0, y, 0, length);
    }

    @Benchmark
    public float luceneCosineOfBytes() {
        return VectorUtil.cosine(x, y);
    }

    @Benchmark
    public int distanceOfBytes() {
        return Vectors.squaredDistance(x, 0, y, 0, length);
    }

    @Benchmark
    public int luceneDistanceOfBytes() {
        return VectorUtil.squareDistance(x, y);
    }
}
