// SPDX-License-Identifier: Apache-2.0
/**
 * The tensor core of Kelvin: tensors, kernels on SIMD lanes, parallel operations, and the head that picks tokens.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.ops.Compute} has the operations, on tensors that
 * {@link dev.kelvin.tensor.HeapTensor} makes of arrays:
 *
 * <pre>{@code
 * HeapTensor x = HeapTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
 * HeapTensor w = HeapTensor.of(new float[] {1, 0, 0, 0, 1, 0}, 2, 3);
 * HeapTensor y = HeapTensor.zeros(2, 2);
 * try (Compute compute = Compute.start(2)) {
 *     compute.matmul(x, w, y); // y = x · wᵀ
 *     compute.softmax(y, 0.7f, y);
 * }
 * }</pre>
 *
 * <table><caption>From numbers to a token</caption>
 * <tr><td>{@link dev.kelvin.tensor}</td><td>what numbers are and where they lie</td></tr>
 * <tr><td>{@link dev.kelvin.ops}</td><td>operations on them; {@link dev.kelvin.operand} has what else these take</td></tr>
 * <tr><td>{@link dev.kelvin.head}</td><td>from the last hidden state [B, D] to logits [B, V], a token, or a loss</td></tr>
 * <tr><td>{@link dev.kelvin.blas}</td><td>for who comes from BLAS</td></tr>
 * <tr><td>{@link dev.kelvin.parallel}</td><td>the threads</td></tr>
 * </table>
 *
 * <p>What lies between, the layers of a model, is in the module {@code dev.kelvin.llm}. Every result has the same bits
 * on any number of threads and any width of vectors, and is that of plain loops written down in the sources.
 */
module dev.kelvin.core {
    requires jdk.incubator.vector;

    exports dev.kelvin.tensor;
    exports dev.kelvin.blas;
    exports dev.kelvin.operand;
    exports dev.kelvin.parallel;
    exports dev.kelvin.ops;
    exports dev.kelvin.head;
}
