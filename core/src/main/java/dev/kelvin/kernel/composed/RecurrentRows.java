// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.kernel.composed;

import dev.kelvin.kernel.ChainKernels;
import dev.kelvin.kernel.Kernels;
import dev.kelvin.kernel.scalar.ScalarExponential;
import dev.kelvin.operand.ConvolutionCall;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.operand.SsmScanCall;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.RowSpans;
import java.util.Arrays;

/**
 * Layers that carry a state from row to row, in terms of kernels whose order is fixed elsewhere. Rows of a sequence are
 * taken one after the other, so that many at once have the bits of each alone.
 *
 * <p>Delta rule: m = Σₖ S[k]·key[k] by {@link ChainKernels#mix}; δ = (v − m·decay)·beta, element by element; then
 * {@link ChainKernels#rankOneUpdate} with the decay, key, δ and query. Scan: the same update with exp(dt·a), b, x·dt
 * and c, and out = fma(x, d, out). Convolution: from +0 tap after tap by fma, the oldest first, then the bias.
 *
 * <p>An instance owns scratch and belongs to one thread.
 */
public final class RecurrentRows {
    /** Channels of a work item of a convolution. */
    public static final int CHANNELS = 256;

    private final Kernels kernels;
    private float[] memory = new float[0];
    private float[] change = new float[0];

    /**
     * Layers computed by these kernels.
     *
     * @param kernels of the same thread
     */
    public RecurrentRows(Kernels kernels) {
        this.kernels = kernels;
    }

    private void reserve(int columns) {
        if (memory.length < columns) {
            memory = new float[columns];
            change = new float[columns];
        }
    }

    /**
     * Part of a delta rule: the items span·valueHeads + head of [begin, end).
     *
     * @param call what to compute
     * @param begin the first item
     * @param end the item after the last
     */
    public void gatedDeltaNet(DeltaNetCall call, int begin, int end) {
        reserve(call.valueDim());
        for (int item = begin; item < end; item++) {
            int span = item / call.valueHeads();
            int head = item % call.valueHeads();
            int stateOffset = head * call.keyDim() * call.valueDim();
            float[] after = call.states().after()[span];
            float[] state = call.states().before()[span];
            for (int row = call.states().spans().rowBegin(span);
                    row < call.states().spans().rowEnd(span);
                    row++) {
                deltaRow(call, row, head, state, after, stateOffset);
                state = after;
            }
        }
    }

    private void deltaRow(DeltaNetCall call, int row, int head, float[] state, float[] after, int stateOffset) {
        int keyDim = call.keyDim();
        int valueDim = call.valueDim();
        int keyAt = row * call.k().columns() + head % call.keyHeads() * keyDim;
        int keyOffset = call.k().offset() + keyAt;
        int valueAt = row * call.v().columns() + head * valueDim;
        int gateAt = row * call.valueHeads() + head;
        float decay =
                ScalarExponential.exp(call.logDecay().data()[call.logDecay().offset() + gateAt]);
        float beta = call.beta().data()[call.beta().offset() + gateAt];
        float[] k = call.k().data();
        kernels.chains()
                .mix(
                        k,
                        keyOffset,
                        keyDim,
                        1,
                        state,
                        stateOffset,
                        valueDim,
                        memory,
                        0,
                        valueDim,
                        1,
                        keyDim,
                        valueDim,
                        false);
        float[] v = call.v().data();
        int valueOffset = call.v().offset() + valueAt;
        for (int i = 0; i < valueDim; i++) {
            change[i] = (v[valueOffset + i] - memory[i] * decay) * beta;
        }
        kernels.chains()
                .rankOneUpdate(
                        state,
                        stateOffset,
                        after,
                        stateOffset,
                        keyDim,
                        valueDim,
                        decay,
                        k,
                        keyOffset,
                        change,
                        0,
                        call.q().data(),
                        call.q().offset() + keyAt,
                        call.out().data(),
                        call.out().offset() + valueAt);
    }

    /**
     * Part of a scan: the items span·heads + head of [begin, end).
     *
     * @param call what to compute
     * @param begin the first item
     * @param end the item after the last
     */
    public void ssmScan(SsmScanCall call, int begin, int end) {
        reserve(call.headDim());
        for (int item = begin; item < end; item++) {
            int span = item / call.heads();
            int head = item % call.heads();
            int stateOffset = head * call.stateDim() * call.headDim();
            float[] after = call.states().after()[span];
            float[] state = call.states().before()[span];
            for (int row = call.states().spans().rowBegin(span);
                    row < call.states().spans().rowEnd(span);
                    row++) {
                scanRow(call, row, head, state, after, stateOffset);
                state = after;
            }
        }
    }

    private void scanRow(SsmScanCall call, int row, int head, float[] state, float[] after, int stateOffset) {
        int dim = call.headDim();
        int group = head / (call.heads() / call.groups());
        int at = row * call.x().columns() + head * dim;
        int groupAt = row * call.b().columns() + group * call.stateDim();
        float dt = call.dt().data()[call.dt().offset() + row * call.heads() + head];
        float decay = ScalarExponential.exp(dt * call.a().data()[call.a().offset() + head]);
        float[] out = call.out().data();
        int outOffset = call.out().offset() + at;
        kernels.elements().scale(call.x().data(), call.x().offset() + at, change, 0, dim, dt);
        kernels.chains()
                .rankOneUpdate(
                        state,
                        stateOffset,
                        after,
                        stateOffset,
                        call.stateDim(),
                        dim,
                        decay,
                        call.b().data(),
                        call.b().offset() + groupAt,
                        change,
                        0,
                        call.c().data(),
                        call.c().offset() + groupAt,
                        out,
                        outOffset);
        float skip = call.d().data()[call.d().offset() + head];
        kernels.elements().addMultiple(call.x().data(), call.x().offset() + at, out, outOffset, dim, skip);
    }

    /**
     * Part of a convolution: the items span·⌈C/{@value #CHANNELS}⌉ + block of channels of [begin, end).
     *
     * @param call what to compute
     * @param begin the first item
     * @param end the item after the last
     */
    public void shortConvolution(ConvolutionCall call, int begin, int end) {
        int blocks = Math.ceilDiv(call.channels(), CHANNELS);
        for (int item = begin; item < end; item++) {
            int first = item % blocks * CHANNELS;
            convolve(call, item / blocks, first, Math.min(CHANNELS, call.channels() - first));
        }
    }

    private void convolve(ConvolutionCall call, int span, int first, int count) {
        RowSpans spans = call.states().spans();
        int history = call.taps() - 1;
        int channels = call.channels();
        float[] before = call.states().before()[span];
        float[] y = call.y().data();
        float[] x = call.x().data();
        int xOffset = call.x().offset() + spans.rowBegin(span) * channels + first;
        for (int t = 0; t < spans.rows(span); t++) {
            int to = call.y().offset() + (spans.rowBegin(span) + t) * channels + first;
            Arrays.fill(y, to, to + count, 0);
            for (int tap = 0; tap < call.taps(); tap++) {
                // Counted from the oldest row of the state on.
                int row = t + tap;
                boolean past = row < history;
                float[] from = past ? before : x;
                int at = past ? row * channels + first : xOffset + (row - history) * channels;
                int weight = call.weight().offset() + tap * channels + first;
                kernels.elements().multiplyAdd(call.weight().data(), weight, from, at, y, to, count);
            }
            if (call.bias() != null) {
                HeapTensor bias = call.bias();
                kernels.elements().add(y, to, bias.data(), bias.offset() + first, y, to, count);
            }
        }
        float[] after = call.states().after()[span];
        for (int i = 0; i < history; i++) {
            int row = spans.rows(span) + i;
            boolean past = row < history;
            int at = past ? row * channels + first : xOffset + (row - history) * channels;
            System.arraycopy(past ? before : x, at, after, i * channels + first, count);
        }
    }
}
