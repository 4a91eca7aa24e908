// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.provider.KernelProvider;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.Tensor;
import java.util.function.Supplier;

/**
 * The operations on tensors: checks shapes once, splits the work over threads, and calls the kernels. The product with
 * weights and softmaxes stand here, all others in groups: {@link #products}, {@link #search}, {@link #elements},
 * {@link #rows}, {@link #logits}, {@link #losses}, {@link #attention}, {@link #experts}, {@link #recurrences},
 * {@link #training}, {@link #weights}.
 *
 * <p>Every result is a pure function of the inputs, to the bit: the number of threads, the width of the lanes and the
 * other rows of a batch have no influence. Rows of a tensor are its last dimension; all dimensions before it are taken
 * together.
 *
 * <p>Results are written to a tensor that the caller passes. "May be the same" below means the same elements of the
 * same array, each in its place; any other overlap of an output with an input is refused. A call allocates nothing once
 * its scratch memory has grown to the longest row seen.
 *
 * <p>An operation given shapes, ranges or overlaps that do not fit throws {@link IllegalArgumentException} that names
 * the operation, the parameters and both shapes, before anything is written. After {@link #close} every operation
 * throws {@link IllegalStateException}. No parameter may be null.
 *
 * <p>No tensor has more than {@value HeapTensor#MAX_ELEMENTS} rows or columns, or elements if it lies on the heap.
 *
 * <p>Weights off the heap lie where every thread of these operations may read them: a confined arena will do for one
 * thread alone, its owner, and is refused as a shape that does not fit is.
 *
 * <p>One caller at a time: a call while another runs, be it from a second thread or from within a task, throws
 * {@link IllegalStateException} before it looks at its parameters, and disturbs nothing. Use one {@code Compute} a
 * thread of yours, or a lock.
 */
public final class Compute implements AutoCloseable {
    /**
     * The property that forces a width of vectors, in bits: 128, 256 or 512, or 0 for plain loops. Results are the same
     * bits in every case.
     */
    public static final String VECTOR_BITS = Kernels.VECTOR_BITS;

    private final Team team;
    private final Matmul matmul;
    private final Products products;
    private final Search search;
    private final TemperatureSoftmax softmax;
    private final Elements elements;
    private final Rows rows;
    private final Logits logits;
    private final Losses losses;
    private final Attention attention;
    private final Experts experts;
    private final Recurrences recurrences;
    private final Training training;
    private final Weights weights;

    /** Takes over {@code workers} and closes them with itself; asks for one set of kernels a thread. */
    Compute(Workers workers, Supplier<Kernels> kernels) {
        this(workers, kernels, Team.WORTH_SHARING_PICOS);
    }

    /** As above, but shares every region of at least so many picoseconds; with 0, tests see small shapes cut up. */
    Compute(Workers workers, Supplier<Kernels> kernels, long worthSharingPicos) {
        team = new Team(workers, kernels, worthSharingPicos);
        RowQuantizer quantizer = new RowQuantizer(team);
        CrossEntropyRows crossEntropy = new CrossEntropyRows(team);
        Norms norms = new Norms(team);
        RowTables tables = new RowTables(team);
        matmul = new Matmul(team, quantizer);
        products = new Products(team);
        search = new Search(team);
        softmax = new TemperatureSoftmax(team);
        elements = new Elements(team);
        rows = new Rows(team, norms, tables);
        logits = new Logits(team, softmax, crossEntropy, quantizer);
        losses = new Losses(team);
        attention = new Attention(team);
        experts = new Experts(team);
        recurrences = new Recurrences(team);
        training = new Training(team, crossEntropy, norms, tables);
        weights = new Weights(team);
    }

    /**
     * Starts the threads, with the kernels that {@link KernelProvider} chooses.
     *
     * @param threads the number of threads that compute, the caller's included; in [1, {@value Workers#MAX_THREADS}]
     * @return the operations; close them to end the threads
     * @throws IllegalArgumentException if {@code threads} is outside of that
     */
    public static Compute start(int threads) {
        return new Compute(Workers.start(threads), KernelProvider::create);
    }

    /**
     * Starts the threads with plain loops: the same results, ready at once. Lanes run some hundred times slower until
     * they are compiled, which takes about half a second; work that is soon done is sooner done without them.
     *
     * @param threads the number of threads that compute, the caller's included; in [1, {@value Workers#MAX_THREADS}]
     * @return the operations; close them to end the threads
     * @throws IllegalArgumentException if {@code threads} is outside of that
     */
    public static Compute startPlain(int threads) {
        return new Compute(Workers.start(threads), KernelProvider::createPlain);
    }

    /**
     * Starts the threads with plain loops for a short first piece of work, and lanes for all the rest: the same results
     * as after {@link #start}, those of a short prompt to a small model up to a second sooner.
     *
     * @param threads the number of threads that compute, the caller's included; in [1, {@value Workers#MAX_THREADS}]
     * @return the operations; close them to end the threads
     * @throws IllegalArgumentException if {@code threads} is outside of that
     */
    public static Compute startQuick(int threads) {
        return new Compute(Workers.start(threads), KernelProvider::createQuickStart);
    }

    /** Operations that run on the caller's thread alone. */
    public static Compute serial() {
        return start(1);
    }

    /** The number of threads that compute, the caller's included. */
    public int threads() {
        return team.threads();
    }

    /** The width of the lanes in bits; 0 for plain loops. */
    public int vectorBits() {
        return team.kernels(0).vectorBits();
    }

    /**
     * Matrix product Y = X·Wᵀ: y[m, n] = Σₖ x[m, k]·w[n, k].
     *
     * <p>Each sum has one canonical order: 16 lanes by fused multiply-add, folded by halves. Its error is at most γ·Σₖ
     * |x[m, k]·w[n, k]| with γ = (K/16 + 5)·2⁻²⁴, up to terms of second order.
     *
     * <p>Where w is {@linkplain Weights#pack packed}, activations are taken in codes of 8 bits: exact integer sums over
     * 32 columns (16 for Q6_K), scaled and added ascending.
     *
     * @param x [M, K]
     * @param w [N, K], on the heap, or mapped and of any type that can be decoded; then w[n, k] is its decoded value;
     *     or packed
     * @param y [M, N]; must overlap neither x nor w
     */
    public void matmul(HeapTensor x, Tensor w, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            matmul.apply(x, w, y);
        }
    }

    /**
     * Products of the same rows with several matrices, Yᵢ = X·Wᵢᵀ: the bits of as many calls of
     * {@link #matmul(HeapTensor, Tensor, HeapTensor)}, and for few rows one hand-over to the threads instead of one
     * each.
     *
     * @param x [M, K]
     * @param weights each [Nᵢ, K], as there
     * @param products as many, each [M, Nᵢ]; must overlap neither x, nor a weight, nor one another
     */
    public void matmul(HeapTensor x, Tensor[] weights, HeapTensor[] products) {
        try (Team.Call _ = team.begin()) {
            matmul.apply(x, weights, products);
        }
    }

    /**
     * Softmax at a temperature: p_i = exp((z_i - max z)/τ) / Σ_j exp((z_j - max z)/τ) for each row z.
     *
     * <p>Every τ in [0, +∞] is allowed, and both limits are exact: τ = 0 gives equal shares to the tied largest logits,
     * τ = +∞ equal shares to all logits that are not -∞. A logit of -∞ is a masked candidate: probability 0 at every τ.
     *
     * <p>For 2⁻¹⁰⁰ ≤ τ ≤ 2¹⁰⁰ each probability is e_i/Σe, rounded once, with e_i within 3.5·2⁻²⁴ and Σe in the
     * canonical order, a tree over 4096 logits: at most eight float roundings a term, whatever V is. So |Σp - 1| ≤
     * 9·2⁻²⁴, and each probability is within a relative 16·2⁻²⁴ of the exact one, plus 2⁻¹⁴⁸ where it is subnormal. A
     * larger logit never gets a smaller probability. Other temperatures are computed in double precision, one element
     * at a time, and rounded once.
     *
     * @param logits [.., V]
     * @param temperature τ in [0, +∞], in the unit of the logits (nats at τ = 1)
     * @param probs the shape of logits; may be the same tensor
     * @throws IllegalArgumentException also if the temperature is negative or NaN, or a row has NaN or +∞ or no
     *     candidate that is not -∞: the message gives the lowest such row, the first index and the count. Such rows of
     *     {@code probs} are not written; all others are.
     */
    public void softmax(HeapTensor logits, float temperature, HeapTensor probs) {
        try (Team.Call _ = team.begin()) {
            softmax.softmax(logits, temperature, probs);
        }
    }

    /**
     * The natural logarithm of {@link #softmax}: (z_i - max z)/τ - log Σ_j exp((z_j - max z)/τ), in nats.
     *
     * <p>τ = 0 gives -log(ties) and -∞, τ = +∞ gives -log(candidates). Finite wherever the exact value is within the
     * range of a float, also where the probability itself rounds to 0. The error is at most 3·2⁻²⁴·|result| + 2⁻²⁰.
     *
     * @param logits [.., V]
     * @param temperature τ in [0, +∞]
     * @param logProbs the shape of logits; may be the same tensor
     * @throws IllegalArgumentException as {@link #softmax}
     */
    public void logSoftmax(HeapTensor logits, float temperature, HeapTensor logProbs) {
        try (Team.Call _ = team.begin()) {
            softmax.logSoftmax(logits, temperature, logProbs);
        }
    }

    /** Products of matrices in any form; the same object each time, as all that follow. */
    public Products products() {
        return products;
    }

    /** Which rows of a matrix are most like a vector. */
    public Search search() {
        return search;
    }

    /** Arithmetic and functions of single elements. */
    public Elements elements() {
        return elements;
    }

    /** Sums, extremes, norms, biases, factors and lookups of rows. */
    public Rows rows() {
        return rows;
    }

    /** What is made of rows of logits besides a softmax: picks, losses, maxima, selections. */
    public Logits logits() {
        return logits;
    }

    /** Losses of classified rows. */
    public Losses losses() {
        return losses;
    }

    /** Attention over tensors, or over pages of keys and values; rotary positions. */
    public Attention attention() {
        return attention;
    }

    /** Mixtures of experts. */
    public Experts experts() {
        return experts;
    }

    /** Layers that carry a state from row to row. */
    public Recurrences recurrences() {
        return recurrences;
    }

    /** Derivatives, attention over whole sequences, the optimizer. */
    public Training training() {
        return training;
    }

    /** Weights in another form. */
    public Weights weights() {
        return weights;
    }

    /** Ends the threads. A second call does nothing. */
    @Override
    public void close() {
        team.close();
    }
}
