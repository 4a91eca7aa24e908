// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.bench;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.QuantizedRows;
import dev.kelvin.kernel.SoftmaxKernels;
import dev.kelvin.kernel.SoftmaxScale;
import dev.kelvin.kernel.provider.KernelProvider;
import dev.kelvin.operand.Activation;
import dev.kelvin.operand.AdamWStep;
import dev.kelvin.operand.AttentionCall;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.operand.ConvolutionCall;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.Routing;
import dev.kelvin.operand.SequenceAttentionCall;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.CrossEntropyOptions;
import dev.kelvin.ops.ExpertChoice;
import dev.kelvin.ops.TokenPicks;
import dev.kelvin.parallel.Workers;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.F32KvPage;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.KvPage;
import dev.kelvin.tensor.KvRows;
import dev.kelvin.tensor.KvSlice;
import dev.kelvin.tensor.MappedTensor;
import dev.kelvin.tensor.PackedLayout;
import dev.kelvin.tensor.RowSpans;
import dev.kelvin.tensor.StateRows;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * For each {@link Cost} a call of the operation that names it, on one thread. Kernels are called themselves where an
 * operation has several costs.
 *
 * @param large whether operands are larger than any cache; else they fit into that of the second level
 * @param compute operations on lanes
 * @param plain operations of plain loops
 * @param kernels on lanes
 * @param crew two threads
 * @param arena of weights off the heap
 */
record CostCases(boolean large, Compute compute, Compute plain, Kernels kernels, Workers crew, Arena arena)
        implements AutoCloseable {
    /** What is called, and how many items of its cost that works through. */
    record Case(double items, Runnable call) {}

    /** Of the rows of a hidden layer. */
    private static final int COLUMNS = 1024;

    /** Rows of a matrix product. */
    private static final int BATCH = 128;

    private static final int HEAD_DIM = 64;

    /** So long that a crew that waits for work has gone to sleep. */
    private static final int SLEEP_MILLIS = 20;

    static CostCases of(boolean large) {
        return new CostCases(
                large,
                Compute.serial(),
                Compute.startPlain(1),
                KernelProvider.create(),
                Workers.start(2),
                Arena.ofShared());
    }

    @Override
    public void close() {
        compute.close();
        plain.close();
        crew.close();
        arena.close();
    }

    /** The call for a cost; null for a limit that only the start of a model shows. */
    Case of(Cost cost) {
        return switch (cost) {
            case ACTIVATION,
                    ADAMW,
                    ARITHMETIC,
                    CLEAR,
                    DROPOUT,
                    EXP,
                    GELU_BACKWARD,
                    POWER,
                    SQUARED_NORM,
                    SWIGLU_BACKWARD -> elements(cost);
            case LAYER_NORM, RMS_NORM, ROPE, ROW_FACTOR, ROW_TABLE, EXPERT_ROW, ROUTE -> rows(cost);
            case BLOCK_MAXIMUM, CROSS_ENTROPY, MAXIMUM, NUMERATOR, PICK, PROBABILITY, SOFTMAX_BACKWARD -> logits(cost);
            case GRADIENT_MULTIPLY_ADD, MULTIPLY_ADD, PLAIN_MULTIPLY_ADD, WEIGHT -> product(cost);
            case ENCODE, PACK, QUANTIZE -> codes(cost);
            case ATTENTION, KEY_AND_VALUE, SEQUENCE_ATTENTION, STORE -> attention(cost);
            case STATE, TAP -> states(cost);
            case SHARED_REGION -> new Case(1, this::handOver);
            case COMPILATION, FIRST_PRODUCT, PLAIN_OUTPUT -> null;
        };
    }

    private int elements() {
        return large ? 1 << 24 : 1 << 14;
    }

    private static HeapTensor drawn(int seed, int rows, int columns) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * columns];
        int head = Math.min(values.length, 1 << 16);
        for (int i = 0; i < head; i++) {
            values[i] = (float) random.nextGaussian();
        }
        for (int i = head; i < values.length; i += head) {
            System.arraycopy(values, 0, values, i, Math.min(head, values.length - i));
        }
        return HeapTensor.of(values, rows, columns);
    }

    private Case elements(Cost cost) {
        int rows = elements() / COLUMNS;
        HeapTensor x = drawn(1, rows, COLUMNS);
        HeapTensor z = drawn(2, rows, COLUMNS);
        HeapTensor y = HeapTensor.zeros(rows, COLUMNS);
        HeapTensor u = HeapTensor.zeros(rows, COLUMNS);
        AdamWStep step = new AdamWStep().set(10, 0.9, 0.95, 1e-8, 1e-3, 0.1, 1);
        Runnable call =
                switch (cost) {
                    case ACTIVATION -> () -> compute.elements().gated(Activation.SILU, x, z, y);
                    case ADAMW -> () -> compute.training().adamW(x, z, y, u, step);
                    case CLEAR -> () -> compute.elements().clear(y);
                    case DROPOUT -> () -> compute.training().dropout(x, 0.1f, 7, y);
                    case EXP -> () -> compute.elements().exp(x, y);
                    case GELU_BACKWARD -> () -> compute.training().geluBackward(x, z, y);
                    case POWER -> () -> compute.elements().pow(x, z, y);
                    case SQUARED_NORM -> () -> compute.training().squaredNorm(x);
                    case SWIGLU_BACKWARD -> {
                        HeapTensor gate = drawn(3, rows, COLUMNS);
                        yield () -> compute.training().swiGluBackward(gate, x, z, y, u);
                    }
                    default -> () -> compute.elements().add(x, z, y);
                };
        return new Case(elements(), call);
    }

    private Case rows(Cost cost) {
        int rows = elements() / COLUMNS;
        HeapTensor x = drawn(1, rows, COLUMNS);
        HeapTensor weight = drawn(2, 1, COLUMNS);
        HeapTensor y = HeapTensor.zeros(rows, COLUMNS);
        Runnable call =
                switch (cost) {
                    case LAYER_NORM -> () -> compute.rows().layerNorm(x, weight, weight, 1e-5f, y);
                    case RMS_NORM -> () -> compute.rows().rmsNorm(x, weight, 1e-5f, y);
                    case ROW_FACTOR -> () -> compute.rows().l2Norm(x, 1e-5f, y);
                    case ROPE -> {
                        RopeTable table = RopeTable.of(
                                RopeTable.Pairing.ADJACENT, HEAD_DIM, rows, RopeTable.frequencies(HEAD_DIM, 10_000), 1);
                        int[] positions = IntStream.range(0, rows).toArray();
                        yield () -> compute.attention().rope(x, table, positions);
                    }
                    case EXPERT_ROW -> {
                        ExpertChoice choice = new ExpertChoice();
                        compute.experts().route(drawn(3, rows, 8), Routing.normalised(1), choice);
                        yield () -> compute.experts().gather(x, choice, y);
                    }
                    case ROUTE -> {
                        HeapTensor logits = drawn(3, elements() / 64, 64);
                        ExpertChoice choice = new ExpertChoice();
                        yield () -> compute.experts().route(logits, Routing.normalised(8), choice);
                    }
                    default -> () -> compute.rows().addBias(x, weight);
                };
        return new Case(elements(), call);
    }

    private Case logits(Cost cost) {
        int vocab = large ? 1 << 17 : 1 << 14;
        int rows = elements() / vocab;
        HeapTensor x = drawn(1, rows, vocab);
        HeapTensor row = HeapTensor.of(x.data(), 1, elements());
        HeapTensor y = HeapTensor.zeros(rows, vocab);
        float[] temperatures = new float[rows];
        Arrays.fill(temperatures, 0.8f);
        double[] numbers = new double[rows];
        Arrays.fill(numbers, 0.5);
        int chunk = SoftmaxKernels.CHUNK;
        int base = SoftmaxScale.ONE.base(kernels.rows().max(x.data(), 0, elements()));
        Runnable call =
                switch (cost) {
                    case BLOCK_MAXIMUM -> {
                        float[] maxima = new float[elements() / 256];
                        yield () -> compute.logits().blockMaxima(row, maxima);
                    }
                    case CROSS_ENTROPY -> {
                        CrossEntropyOptions options =
                                new CrossEntropyOptions(CrossEntropyOptions.Reduction.SUM, -100, 0, 0);
                        yield () -> compute.logits().crossEntropy(x, 1, new int[rows], 0, options, numbers);
                    }
                    case NUMERATOR ->
                        () -> {
                            for (int i = 0; i < elements(); i += chunk) {
                                kernels.softmax().numerators(x.data(), i, y.data(), i, chunk, base, SoftmaxScale.ONE);
                            }
                        };
                    case PICK -> {
                        TokenPicks picks = TokenPicks.of(rows);
                        yield () -> compute.logits().pick(x, temperatures, numbers, picks);
                    }
                    case PROBABILITY ->
                        () -> {
                            for (int i = 0; i < elements(); i += chunk) {
                                kernels.softmax().probabilities(x.data(), i, y.data(), i, chunk, 0x1p-40);
                            }
                        };
                    case SOFTMAX_BACKWARD -> {
                        HeapTensor probs = HeapTensor.zeros(rows, vocab);
                        compute.softmax(x, 1, probs);
                        yield () -> compute.training().softmaxBackward(probs, x, 1, y);
                    }
                    default -> () -> compute.logits().max(row);
                };
        return new Case(elements(), call);
    }

    private Case product(Cost cost) {
        int size = large ? 4096 : 256;
        int batch = cost == Cost.WEIGHT ? 1 : BATCH;
        HeapTensor x = drawn(1, batch, size);
        HeapTensor y = HeapTensor.zeros(batch, size);
        double items = (double) batch * size * size;
        if (cost == Cost.GRADIENT_MULTIPLY_ADD) {
            HeapTensor w = drawn(2, size, size);
            return new Case(items, () -> compute.training().matmulBackwardInput(x, w, y, false));
        }
        MappedTensor w = DrawnWeights.of(DType.F32, size, size, arena);
        Compute by = cost == Cost.PLAIN_MULTIPLY_ADD ? plain : compute;
        return new Case(items, () -> by.matmul(x, w, y));
    }

    private Case codes(Cost cost) {
        int rows = elements() / COLUMNS;
        if (cost == Cost.QUANTIZE) {
            HeapTensor x = drawn(1, rows, COLUMNS);
            QuantizedRows to = new QuantizedRows();
            to.prepare(rows, COLUMNS, PackedLayout.of(DType.Q4_0).orElseThrow());
            return new Case(elements(), () -> kernels.products().quantize(x, to, 0, rows));
        }
        if (cost == Cost.PACK) {
            MappedTensor w = DrawnWeights.of(DType.Q4_0, elements() / 256, 256, arena);
            SegmentAllocator memory = SegmentAllocator.prefixAllocator(arena.allocate(2L * elements() + 4096, 64));
            return new Case(elements(), () -> compute.weights().pack(w, memory));
        }
        MappedTensor w = DrawnWeights.of(DType.F32, rows, COLUMNS, arena);
        byte[] to = new byte[Math.toIntExact(DType.Q4_K.byteSize(elements()))];
        return new Case(elements(), () -> compute.weights().encode(w, 0, rows, DType.Q4_K, to));
    }

    private Case attention(Cost cost) {
        int heads = 8;
        int kvHeads = cost == Cost.ATTENTION || cost == Cost.SEQUENCE_ATTENTION ? 2 : heads;
        int length = large ? 1 << 16 : 256;
        float scale = (float) (1 / Math.sqrt(HEAD_DIM));
        if (cost == Cost.SEQUENCE_ATTENTION) {
            int positions = large ? 1024 : 64;
            int sequences = large ? 32 : 1;
            int rows = sequences * positions;
            SequenceAttentionCall call = new SequenceAttentionCall(
                    drawn(1, rows, heads * HEAD_DIM),
                    drawn(2, rows, kvHeads * HEAD_DIM),
                    drawn(3, rows, kvHeads * HEAD_DIM),
                    HeapTensor.zeros(rows, heads * HEAD_DIM),
                    sequences,
                    heads,
                    kvHeads,
                    HEAD_DIM,
                    scale);
            double pairs = 0.5 * positions * (positions + 1) * sequences * heads;
            return new Case(pairs * HEAD_DIM, () -> compute.training().attention(call));
        }
        KvSlice slice = KvSlice.at(kvHeads, HEAD_DIM, HEAD_DIM, 0);
        int stored = cost == Cost.STORE ? length / 8 : length;
        KvPage[] pages = new KvPage[Math.ceilDiv(stored, KvPage.POSITIONS)];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new F32KvPage(drawn(i, 1, slice.end()).data());
        }
        if (cost == Cost.STORE) {
            HeapTensor k = drawn(1, stored, kvHeads * HEAD_DIM);
            HeapTensor v = drawn(2, stored, kvHeads * HEAD_DIM);
            KvRows rows = KvRows.of(0, stored, pages, slice);
            return new Case(2.0 * k.data().length, () -> compute.attention().storeKeysAndValues(k, v, rows));
        }
        HeapTensor q = drawn(1, 1, heads * HEAD_DIM);
        AttentionCall call = new AttentionCall(
                q,
                KvRows.of(length - 1, 1, pages, slice),
                HeapTensor.zeros(1, heads * HEAD_DIM),
                heads,
                scale,
                AttentionMask.causal(),
                AttentionScores.PLAIN);
        return new Case(
                (double) heads * length * HEAD_DIM, () -> compute.attention().attend(call));
    }

    private Case states(Cost cost) {
        if (cost == Cost.TAP) {
            int taps = 4;
            int rows = elements() / COLUMNS;
            ConvolutionCall call = new ConvolutionCall(
                    drawn(1, rows, COLUMNS),
                    drawn(2, taps, COLUMNS),
                    null,
                    zeroStates(RowSpans.of(0, rows), 1, (taps - 1) * COLUMNS),
                    HeapTensor.zeros(rows, COLUMNS));
            return new Case(
                    (double) elements() * taps, () -> compute.recurrences().shortConvolution(call));
        }
        int heads = large ? 16 : 2;
        int sequences = large ? 64 : 1;
        RowSpans spans = new RowSpans();
        for (int i = 0; i < sequences; i++) {
            spans.add(0, 1);
        }
        int width = heads * HEAD_DIM;
        HeapTensor decay = drawn(4, sequences, heads);
        for (int i = 0; i < decay.data().length; i++) {
            decay.data()[i] = -Math.abs(decay.data()[i]);
        }
        DeltaNetCall call = new DeltaNetCall(
                drawn(1, sequences, width),
                drawn(2, sequences, width),
                drawn(3, sequences, width),
                decay,
                drawn(5, sequences, heads),
                zeroStates(spans, sequences, width * HEAD_DIM),
                HeapTensor.zeros(sequences, width),
                heads);
        return new Case((double) sequences * width * HEAD_DIM, () -> compute.recurrences()
                .gatedDeltaNet(call));
    }

    private static StateRows zeroStates(RowSpans spans, int count, int floats) {
        return new StateRows(spans, new float[count][floats], new float[count][floats]);
    }

    /** An empty region of two ranges; where operands would be large, the crew sleeps and must be woken. */
    private void handOver() {
        crew.run(2, 1, (worker, begin, end) -> {});
    }

    /** Waits, before each measured call, for what the call wants to find. */
    void rest(Cost cost) throws InterruptedException {
        if (large && cost == Cost.SHARED_REGION) {
            Thread.sleep(SLEEP_MILLIS);
        }
    }
}
