// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.RowKernels;
import dev.kelvin.kernel.provider.KernelProvider;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedTensor;
import dev.kelvin.tensor.Tensor;
import java.lang.foreign.SegmentAllocator;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The operations on tensors: checks shapes once, splits the work over threads, and calls the kernels.
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
    /** Elements of a block of {@link #blockMaxima}. */
    public static final int BLOCK = RowKernels.BLOCK;

    /**
     * The property that forces a width of vectors, in bits: 128, 256 or 512, or 0 for plain loops. Results are the same
     * bits in every case.
     */
    public static final String VECTOR_BITS = Kernels.VECTOR_BITS;

    private final Team team;
    private final Matmul matmul;
    private final MatmulBackward matmulBackward;
    private final TemperatureSoftmax softmax;
    private final SoftmaxBackward softmaxBackward;
    private final CrossEntropyRows crossEntropy;
    private final TokenPicker picker;
    private final RowMaximum maximum;
    private final RowSelection selection;
    private final RmsNormalization rmsNorm;
    private final Elementwise elementwise;
    private final RotaryEmbedding rope;
    private final KeyValueStore keyValueStore;
    private final Attention attention;
    private final Encoding encoding;
    private final Packing packing;
    private final Training training;
    private final Layers layers;
    private final Experts experts;
    private final Recurrences recurrences;

    /** Takes over {@code workers} and closes them with itself; asks for one set of kernels a thread. */
    Compute(Workers workers, Supplier<Kernels> kernels) {
        this(workers, kernels, Team.WORTH_SHARING_PICOS);
    }

    /** As above, but shares every region of at least so many picoseconds; with 0, tests see small shapes cut up. */
    Compute(Workers workers, Supplier<Kernels> kernels, long worthSharingPicos) {
        team = new Team(workers, kernels, worthSharingPicos);
        RowQuantizer quantizer = new RowQuantizer(team);
        matmul = new Matmul(team, quantizer);
        matmulBackward = new MatmulBackward(team);
        softmax = new TemperatureSoftmax(team);
        softmaxBackward = new SoftmaxBackward(team);
        crossEntropy = new CrossEntropyRows(team);
        picker = new TokenPicker(team, quantizer);
        maximum = new RowMaximum(team);
        selection = new RowSelection(team);
        rmsNorm = new RmsNormalization(team);
        elementwise = new Elementwise(team);
        rope = new RotaryEmbedding(team);
        keyValueStore = new KeyValueStore(team);
        attention = new Attention(team);
        encoding = new Encoding(team);
        packing = new Packing(team);
        training = new Training(team);
        layers = new Layers(team, training);
        experts = new Experts(team);
        recurrences = new Recurrences(team);
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
     * <p>Where w is {@linkplain #pack packed}, activations are taken in codes of 8 bits: exact integer sums over 32
     * columns (16 for Q6_K), scaled and added ascending.
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
     * The gradient of {@link #matmul} by its input: dX = dY·W, or dX += dY·W.
     *
     * <p>Each sum is one chain of fused multiply-adds, ascending in n, from +0 or from the value that is there: summing
     * N in consecutive pieces, one accumulating call each, gives the same bits as one call. The error is at most
     * N·2⁻²⁴·Σₙ |dy[m, n]·w[n, k]|, up to terms of second order.
     *
     * @param dy the gradient of the output [M, N]
     * @param w [N, K]
     * @param dx [M, K]; must overlap neither dy nor w
     * @param accumulate whether to add to dx; else it is overwritten
     */
    public void matmulBackwardInput(HeapTensor dy, HeapTensor w, HeapTensor dx, boolean accumulate) {
        try (Team.Call _ = team.begin()) {
            matmulBackward.input(dy, w, dx, accumulate);
        }
    }

    /**
     * The gradient of {@link #matmul} by its weights: dW = dYᵀ·X, or dW += dYᵀ·X.
     *
     * <p>Each sum is one chain of fused multiply-adds, ascending in m, from +0 or from the value that is there: summing
     * M in consecutive pieces, one accumulating call each, gives the same bits as one call. The error is at most
     * M·2⁻²⁴·Σₘ |dy[m, n]·x[m, k]|, up to terms of second order.
     *
     * @param dy the gradient of the output [M, N]
     * @param x [M, K]
     * @param dw [N, K]; must overlap neither dy nor x
     * @param accumulate whether to add to dw; else it is overwritten
     */
    public void matmulBackwardWeight(HeapTensor dy, HeapTensor x, HeapTensor dw, boolean accumulate) {
        try (Team.Call _ = team.begin()) {
            matmulBackward.weight(dy, x, dw, accumulate);
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

    /**
     * The gradient of {@link #softmax} by its logits: dz_i = p_i·(dp_i - Σ_j p_j·dp_j)/τ.
     *
     * <p>τ = +∞ gives 0. τ = 0 is refused: where logits tie, the gradient has no limit. The error is at most
     * 45·2⁻²⁴·p_i (|dp_i| + Σ_j p_j·|dp_j|)/τ, beside that of the probabilities, and 2⁻¹⁴⁹·(1 + 1/τ) where products are
     * subnormal.
     *
     * @param probs the result of {@link #softmax} [.., V]
     * @param dProbs the gradient by the probabilities, of the shape of probs
     * @param temperature τ in (0, +∞], that of the softmax
     * @param dLogits the shape of probs; may be probs or dProbs
     */
    public void softmaxBackward(HeapTensor probs, HeapTensor dProbs, float temperature, HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            softmaxBackward.softmax(probs, dProbs, temperature, dLogits);
        }
    }

    /**
     * The gradient of {@link #logSoftmax} by its logits: dz_i = (dl_i - p_i·Σ_j dl_j)/τ with p_i = exp(logProbs_i).
     *
     * <p>τ = +∞ gives 0, τ = 0 is refused, as by {@link #softmaxBackward}. The error is at most 45·2⁻²⁴·(|dl_i| +
     * p_i·Σ_j |dl_j|)/τ, beside that of the log-probabilities, and 2⁻¹⁴⁹·(1 + 1/τ) where products are subnormal.
     *
     * @param logProbs the result of {@link #logSoftmax} [.., V]
     * @param dLogProbs the gradient by the log-probabilities, of the shape of logProbs
     * @param temperature τ in (0, +∞], that of the log-softmax
     * @param dLogits the shape of logProbs; may be logProbs or dLogProbs
     */
    public void logSoftmaxBackward(HeapTensor logProbs, HeapTensor dLogProbs, float temperature, HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            softmaxBackward.logSoftmax(logProbs, dLogProbs, temperature, dLogits);
        }
    }

    /**
     * The gradient by the temperature of what depends on the logits z through softmax or log-softmax alone: ∂/∂τ = -Σ_i
     * (z_i - max z)·dz_i/τ, over all rows, in double. The shift changes nothing, since there the gradient of a row sums
     * to 0, and spares digits.
     *
     * @param logits z [.., V]; -∞ does not count
     * @param dLogits the gradient by the logits, of the shape of logits
     * @param temperature τ in (0, +∞]
     * @return ∂/∂τ, summed over the rows
     */
    public double temperatureGradient(HeapTensor logits, HeapTensor dLogits, float temperature) {
        try (Team.Call _ = team.begin()) {
            return softmaxBackward.temperatureGradient(logits, dLogits, temperature);
        }
    }

    /**
     * The cross-entropy of each row of logits against its label, in nats, not reduced; see {@link CrossEntropyOptions}
     * for the formula. Labels and losses of row r stand at index {@code first + r}.
     *
     * <p>The error is at most 12·2⁻²⁴·(1 + 2λ·|L|), that of the sum of exponentials, and with smoothing ε·38·2⁻²⁴·Σ_j
     * |z_j|/(V·τ) more, as long as Σ_j |z_j| over any 512 logits is within the range of a float.
     *
     * @param logits [N, V], of which -∞ masks a candidate
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @param labels token ids, or the label that is ignored
     * @param first the index of row 0
     * @param options all but the reduction
     * @param losses receives the losses; 0 for rows that are ignored
     * @throws IllegalArgumentException also if a label is no column, or, once all other rows are done, if a row has NaN
     *     or +∞ or nothing but -∞
     */
    public void crossEntropy(
            HeapTensor logits,
            float temperature,
            int[] labels,
            int first,
            CrossEntropyOptions options,
            double[] losses) {
        try (Team.Call _ = team.begin()) {
            crossEntropy.apply(logits, temperature, labels, first, options, 0, losses, null);
        }
    }

    /**
     * {@link #crossEntropy} with its gradient by the logits: dz_i = g/τ·(p_i·(1 + 2λ·L) - (1 - ε)·[i = y] - ε/V). Rows
     * that are ignored get zeros.
     *
     * <p>p_i is 0 for a mask of -∞, whatever g, τ and λ, and for a logit of which p_i is below some 2⁻¹⁵⁵. What exceeds
     * the range of a float becomes infinite; g/τ beyond 2⁶⁰⁰ counts as that.
     *
     * @param logits [N, V]
     * @param temperature τ in [2⁻¹⁰⁰, 2¹⁰⁰]
     * @param labels token ids, or the label that is ignored
     * @param first the index of row 0
     * @param options all but the reduction
     * @param lossGradient g, the gradient by the loss of each row; not NaN
     * @param losses receives the losses
     * @param dLogits the shape of logits; may be logits
     * @throws IllegalArgumentException as {@link #crossEntropy}; faulty rows of {@code dLogits} are not written
     */
    public void crossEntropyBackward(
            HeapTensor logits,
            float temperature,
            int[] labels,
            int first,
            CrossEntropyOptions options,
            double lossGradient,
            double[] losses,
            HeapTensor dLogits) {
        try (Team.Call _ = team.begin()) {
            crossEntropy.apply(
                    logits,
                    temperature,
                    labels,
                    first,
                    options,
                    lossGradient,
                    losses,
                    Objects.requireNonNull(dLogits, "dLogits"));
        }
    }

    /**
     * log Σ_j exp(z_j/τ) of each row z, in nats, within 2⁻²⁰ + 2⁻²⁴·|result|. A mask of -∞ contributes nothing.
     *
     * <p>At the limits it is the limit of max z/τ + log(ties or candidates): infinite at τ = 0 unless max z is 0.
     *
     * @param logits [.., V]
     * @param temperature τ in [0, +∞]
     * @param out one element a row; must not overlap logits
     * @throws IllegalArgumentException as {@link #softmax}
     */
    public void logSumExp(HeapTensor logits, float temperature, HeapTensor out) {
        try (Team.Call _ = team.begin()) {
            softmax.logSumExp(logits, temperature, out);
        }
    }

    /**
     * Picks a token for each row of logits from {@link #softmax} at the row's temperature, by inverse transform: the
     * first token, ascending by id, at which the running sum of exponentials exceeds u times their sum. Sums are
     * canonical ones of chunks of 4096, blocks of 512 and single tokens; each token's share of [0, 1) is its
     * probability within a relative 2⁻²⁰.
     *
     * <p>τ = 0 picks the lowest id among the largest logits, at the log-probability -log(ties), τ = +∞ any token whose
     * logit is not -∞. A logit of -∞ is never picked.
     *
     * @param logits [B, V]
     * @param temperatures τ of each row, in [0, +∞]
     * @param draws u of each row, in [0, 1)
     * @param picks receives token, log-probability and the most probable tokens of each row
     * @throws IllegalArgumentException also if a row has NaN or +∞ or no candidate that is not -∞: the message gives
     *     the lowest such row, the first index and the count; nothing is picked then
     */
    public void pick(HeapTensor logits, float[] temperatures, double[] draws, TokenPicks picks) {
        try (Team.Call _ = team.begin()) {
            picker.pick(logits, temperatures, draws, picks);
        }
    }

    /**
     * {@link #matmul} and {@link #pick} in one pass over the weights, without the [B, V] logits: a thread holds those
     * of 4096 tokens at a time. The same tokens, the same bits.
     *
     * @param hidden [B, D]
     * @param weight [V, D], of any type that {@link #matmul} takes
     * @param temperatures τ of each row, in [0, +∞]
     * @param draws u of each row, in [0, 1)
     * @param picks receives token, log-probability and the most probable tokens of each row
     * @throws IllegalArgumentException as {@link #pick}
     */
    public void pickProjected(
            HeapTensor hidden, Tensor weight, float[] temperatures, double[] draws, TokenPicks picks) {
        try (Team.Call _ = team.begin()) {
            picker.pickProjected(hidden, weight, temperatures, draws, picks);
        }
    }

    /**
     * The largest element of a row: NaN if any element is NaN, -∞ if there is no element.
     *
     * @param row [V] or [1, V]
     */
    public float max(HeapTensor row) {
        try (Team.Call _ = team.begin()) {
            return maximum.max("max", row);
        }
    }

    /**
     * The index of the largest logit, the lowest one on a tie.
     *
     * @param row [V] or [1, V]
     * @throws IllegalArgumentException also if the row has NaN or +∞, or nothing but -∞
     */
    public int argmax(HeapTensor row) {
        try (Team.Call _ = team.begin()) {
            return maximum.argmax(row);
        }
    }

    /**
     * The largest element of each block of {@value #BLOCK} elements of a row, NaN where any is NaN; the last block may
     * be shorter. With it, what is large in a row can be found without looking at the rest again.
     *
     * @param row [V] or [1, V]
     * @param maxima receives ⌈V/{@value #BLOCK}⌉ numbers; longer is fine, the row's own array is not
     */
    public void blockMaxima(HeapTensor row, float[] maxima) {
        try (Team.Call _ = team.begin()) {
            selection.blockMaxima(row, maxima);
        }
    }

    /**
     * Collects the elements of a part of a row that are at least a threshold, in ascending order of index.
     *
     * @param row [V] or [1, V]
     * @param begin the first index
     * @param end the index after the last, at most V
     * @param threshold not NaN
     * @param indices receives the indices from place {@code count} on; has room for all of the part
     * @param values receives the elements at the same places; not the row's own array
     * @param count how many stand in both already
     * @return how many stand there then
     */
    public int collectAtLeast(
            HeapTensor row, int begin, int end, float threshold, int[] indices, float[] values, int count) {
        try (Team.Call _ = team.begin()) {
            return selection.collectAtLeast(row, begin, end, threshold, indices, values, count);
        }
    }

    /**
     * RMSNorm of each row: y_i = x_i · w_i / √(Σx²/D + ε). Source: Zhang and Sennrich, arXiv:1910.07467.
     *
     * <p>Σx² is a float: a row in which it overflows becomes zeros, and at ε = 0 one in which it underflows becomes
     * infinities, and NaN where x is 0.
     *
     * @param x [.., D]
     * @param weight [D]
     * @param epsilon ε, finite and at least 0
     * @param y the shape of x; may be x, must not overlap weight
     */
    public void rmsNorm(HeapTensor x, HeapTensor weight, float epsilon, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            rmsNorm.apply(x, weight, epsilon, y);
        }
    }

    /**
     * SwiGLU: y = silu(gate)·up, element by element. Source: Shazeer, arXiv:2002.05202.
     *
     * @param gate any shape
     * @param up the shape of gate
     * @param y the shape of gate; may be gate or up
     */
    public void swiGlu(HeapTensor gate, HeapTensor up, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.SWIGLU, "gate", gate, "up", up, y);
        }
    }

    /**
     * y = a + b, element by element.
     *
     * @param a any shape
     * @param b the shape of a
     * @param y the shape of a; may be a or b
     */
    public void add(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.ADD, "a", a, "b", b, y);
        }
    }

    /**
     * y = a · b, element by element.
     *
     * @param a any shape
     * @param b the shape of a
     * @param y the shape of a; may be a or b
     */
    public void mul(HeapTensor a, HeapTensor b, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.MUL, "a", a, "b", b, y);
        }
    }

    /**
     * y = eˣ, element by element, within 1 ULP; NaN stays NaN, and exp(0) is exactly 1.
     *
     * @param x any shape
     * @param y the shape of x; may be x
     */
    public void exp(HeapTensor x, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.EXP, "x", x, y);
        }
    }

    /**
     * y = x/(1 + e⁻ˣ), element by element, within 5·2⁻²⁴ relative; below -88.72, where the exact value is above
     * -2.6·10⁻³⁷, it is -0.
     *
     * @param x any shape
     * @param y the shape of x; may be x
     */
    public void silu(HeapTensor x, HeapTensor y) {
        try (Team.Call _ = team.begin()) {
            elementwise.apply(Elementwise.Operation.SILU, "x", x, y);
        }
    }

    /**
     * Rotary position embedding, in place: turns each pair of each head by the table's angle at the row's position.
     * Source: Su et al., arXiv:2104.09864.
     *
     * @param x [T, H·Dh]
     * @param table the angles; its arrays must not be x's
     * @param positions one a row, each within the table; longer is fine
     */
    public void rope(HeapTensor x, RopeTable table, int[] positions) {
        try (Team.Call _ = team.begin()) {
            rope.apply(x, table, positions);
        }
    }

    /**
     * Puts the keys and values of rows into the pages of their sequences, rounded to the pages' type.
     *
     * @param k [R, kvHeads·keyDim]
     * @param v [R, kvHeads·valueDim]
     * @param rows whose they are, and where they go; no two spans may share a page that is written to
     */
    public void storeKeysAndValues(HeapTensor k, HeapTensor v, KvRows rows) {
        try (Team.Call _ = team.begin()) {
            keyValueStore.apply(k, v, rows);
        }
    }

    /**
     * Grouped-query attention of rows over the keys and values of their sequences. A row has the same bits whatever
     * other rows there are and wherever its pages lie. No [R, t] matrix is stored. Error: that of scores is at most
     * keyDim·2⁻²⁴·Σ|q·k| to first order, that of the rest as {@link #softmax}'s.
     *
     * @param call tensors and sizes; {@code out} must overlap neither q nor a page
     */
    public void attention(AttentionCall call) {
        try (Team.Call _ = team.begin()) {
            attention.apply(call);
        }
    }

    /**
     * The operations on elements and rows that only some layers need, on the same threads; the same object each time.
     */
    public Layers layers() {
        return layers;
    }

    /** The operations of a mixture of experts, on the same threads; the same object each time. */
    public Experts experts() {
        return experts;
    }

    /** The operations that carry a state from row to row, on the same threads; the same object each time. */
    public Recurrences recurrences() {
        return recurrences;
    }

    /** The operations that only training needs, on the same threads; the same object each time. */
    public Training training() {
        return training;
    }

    /**
     * Encodes rows of a tensor in another type: each is decoded to f32, and its blocks are chosen by
     * {@link dev.kelvin.tensor.BlockFormat#encode}.
     *
     * @param from [N, K], of a type that can be decoded
     * @param rowBegin the first row
     * @param rowEnd the row after the last
     * @param type what becomes of the rows; K is a multiple of its block size
     * @param to receives the bytes of the rows, from its beginning on
     * @return the index in {@code from} of the first element that {@code type} cannot hold (NaN, or beyond
     *     {@link dev.kelvin.tensor.BlockFormat#largest}); −1 if all is well
     */
    public long encode(MappedTensor from, int rowBegin, int rowEnd, DType type, byte[] to) {
        try (Team.Call _ = team.begin()) {
            return encoding.apply(from, rowBegin, rowEnd, type, to);
        }
    }

    /**
     * Turns weights of 4 to 6 bits to the form that {@link #matmul} computes fastest: {@link PackedTensor}, a copy off
     * the heap of about the same size. Products with it take activations in codes of 8 bits: x to within max|x|/254,
     * the maximum over 32 neighbours in a row.
     *
     * @param w [N, K]
     * @param memory gives the copy's bytes, off the heap, and is not asked if there is no copy; the packed form is
     *     usable as long as they are
     * @return the packed form; {@code w} itself if its type has none, if it has fewer than
     *     {@value dev.kelvin.tensor.PackedLayout#STRIP} rows, or if a scale is infinite or NaN
     * @throws OutOfMemoryError if {@code memory} has none left
     */
    public Tensor pack(MappedTensor w, SegmentAllocator memory) {
        try (Team.Call _ = team.begin()) {
            return packing.apply(w, memory);
        }
    }

    /** Ends the threads. A second call does nothing. */
    @Override
    public void close() {
        team.close();
    }
}
