// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Epilogue;
import dev.kelvin.operand.Matrix;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
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

/**
 * C [M, N] = A·B, inner K, in the four transpositions, bare and with epilogues, one thread, beside the same product by
 * VectorBLAS.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 5,
        jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx4g"})
public class GemmBenchmark {
    /** M K N. */
    @Param({"256 256 256", "512 512 512", "1024 1024 1024", "2048 2048 2048", "128 2048 5632", "512 5632 2048"})
    public String shape;

    /** Which factors are stored transposed: of A, then of B. */
    @Param({"NN", "NT", "TN", "TT"})
    public String form;

    private int m;
    private int k;
    private int n;
    private Compute compute;
    private BLAS peer;
    private float[] a;
    private float[] b;
    private float[] c;
    private Matrix left;
    private Matrix right;
    private Matrix product;
    private Epilogue linear;
    private Epilogue silu;

    /** Fills the operands and checks one element of the product against double. */
    @Setup(Level.Trial)
    public void setUp() {
        String[] sizes = shape.split(" ", -1);
        m = Integer.parseInt(sizes[0]);
        k = Integer.parseInt(sizes[1]);
        n = Integer.parseInt(sizes[2]);
        compute = Compute.serial();
        peer = JavaBLAS.getInstance();
        if (!peer.getClass().getSimpleName().equals("VectorBLAS")) {
            throw new IllegalStateException("gemm: netlib gives " + peer.getClass());
        }
        SplittableRandom random = new SplittableRandom(1);
        a = drawn(random, m * k);
        b = drawn(random, k * n);
        c = new float[m * n];
        left = form.charAt(0) == 'N' ? Matrix.of(a, m, k) : Matrix.of(a, k, m).transposed();
        right = form.charAt(1) == 'N' ? Matrix.of(b, k, n) : Matrix.of(b, n, k).transposed();
        product = Matrix.of(c, m, n);
        linear = Epilogue.NONE
                .withBias(HeapTensor.of(drawn(random, n)))
                .withResidual(Matrix.of(drawn(random, m * n), m, n));
        silu = linear.withActivation(Activation.SILU);
        compute.products().gemm(left, right, product);
        double expected = 0;
        for (int i = 0; i < k; i++) {
            expected += (double) a[(m - 1) * left.rowStride() + i * left.columnStride()]
                    * b[i * right.rowStride() + (n - 1) * right.columnStride()];
        }
        float ours = c[m * n - 1];
        vectorBlas(new Work());
        float theirs = c[m * n - 1];
        if (!(Math.abs(ours - expected) < 1e-4 * k && Math.abs(theirs - expected) < 1e-4 * k)) {
            throw new IllegalStateException("gemm: " + expected + ", " + ours + ", by VectorBLAS " + theirs);
        }
    }

    private static float[] drawn(SplittableRandom random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /** The bare product. */
    @Benchmark
    public float[] bare(Work work) {
        compute.products().gemm(left, right, product);
        work.flops += 2L * m * n * k;
        return c;
    }

    /** C += A·B. */
    @Benchmark
    public float[] added(Work work) {
        compute.products().gemm(1, left, right, 1e-3f, product);
        work.flops += 2L * m * n * k;
        return c;
    }

    /** With bias and residual. */
    @Benchmark
    public float[] biasAndResidual(Work work) {
        compute.products().gemm(1, left, right, 0, product, linear);
        work.flops += 2L * m * n * k;
        return c;
    }

    /** With bias, SiLU and residual. */
    @Benchmark
    public float[] biasSiluAndResidual(Work work) {
        compute.products().gemm(1, left, right, 0, product, silu);
        work.flops += 2L * m * n * k;
        return c;
    }

    /** The same by VectorBLAS: column-major, so Cᵀ = Bᵀ·Aᵀ. */
    @Benchmark
    public float[] vectorBlas(Work work) {
        String ofA = form.charAt(0) == 'N' ? "N" : "T";
        String ofB = form.charAt(1) == 'N' ? "N" : "T";
        int lda = form.charAt(0) == 'N' ? k : m;
        int ldb = form.charAt(1) == 'N' ? n : k;
        peer.sgemm(ofB, ofA, n, m, k, 1, b, ldb, a, lda, 0, c, n);
        work.flops += 2L * m * n * k;
        return c;
    }

    /** Ends the operations. */
    @TearDown(Level.Trial)
    public void tearDown() {
        compute.close();
    }
}
