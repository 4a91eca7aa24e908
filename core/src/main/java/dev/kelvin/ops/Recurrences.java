// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import dev.kelvin.kernel.Cost;
import dev.kelvin.kernel.composed.RecurrentRows;
import dev.kelvin.operand.ConvolutionCall;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.operand.SsmScanCall;
import dev.kelvin.parallel.RangeTask;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.StateRows;

/**
 * The operations that carry a state from row to row. Got from {@link Compute#recurrences}, whose rules hold here too:
 * results are pure functions of the inputs to the bit, shapes are checked before anything is written, nothing is
 * allocated once scratch has grown, one caller at a time.
 *
 * <p>Many rows of a sequence at once have the bits of each alone, whatever other sequences there are.
 */
@SuppressWarnings("ReferenceEquality") // Whether two states are one array is a question of identity.
public final class Recurrences {
    private final Team team;
    private final RecurrentRows[] rows;
    private final RangeTask deltaTask = this::runDeltaNet;
    private final RangeTask scanTask = this::runScan;
    private final RangeTask convolutionTask = this::runConvolution;
    private DeltaNetCall deltaNet;
    private SsmScanCall scan;
    private ConvolutionCall convolution;

    Recurrences(Team team) {
        this.team = team;
        rows = new RecurrentRows[team.threads()];
        for (int worker = 0; worker < rows.length; worker++) {
            rows[worker] = new RecurrentRows(team.kernels(worker));
        }
    }

    /**
     * The gated delta rule.
     *
     * @param call tensors and states
     */
    public void gatedDeltaNet(DeltaNetCall call) {
        try (Team.Call _ = team.begin()) {
            check(call);
            try {
                deltaNet = call;
                long picos = Cost.STATE.picos() * call.keyDim() * call.valueDim() * rowsPerSpan(call.states());
                team.run(call.states().spans().count() * call.valueHeads(), picos, 1, deltaTask);
            } finally {
                deltaNet = null;
            }
        }
    }

    /**
     * The scan of a state-space model with one decay a head.
     *
     * @param call tensors and states
     */
    public void ssmScan(SsmScanCall call) {
        try (Team.Call _ = team.begin()) {
            check(call);
            try {
                scan = call;
                long picos = Cost.STATE.picos() * call.stateDim() * call.headDim() * rowsPerSpan(call.states());
                team.run(call.states().spans().count() * call.heads(), picos, 1, scanTask);
            } finally {
                scan = null;
            }
        }
    }

    /**
     * A short causal convolution of each channel.
     *
     * @param call tensors and states
     */
    public void shortConvolution(ConvolutionCall call) {
        try (Team.Call _ = team.begin()) {
            check(call);
            try {
                convolution = call;
                int blocks = Math.ceilDiv(call.channels(), RecurrentRows.CHANNELS);
                long picos = Cost.TAP.picos() * call.taps() * RecurrentRows.CHANNELS * rowsPerSpan(call.states());
                team.run(call.states().spans().count() * blocks, picos, 1, convolutionTask);
            } finally {
                convolution = null;
            }
        }
    }

    private static long rowsPerSpan(StateRows states) {
        return Math.ceilDiv(states.spans().rows(), Math.max(1, states.spans().count()));
    }

    private static void check(DeltaNetCall call) {
        String operation = "gatedDeltaNet";
        int valueHeads = call.valueHeads();
        if (call.keyHeads() < 1 || valueHeads % call.keyHeads() != 0 || valueHeads == 0) {
            throw new IllegalArgumentException(operation + ": " + valueHeads + " value heads must be a multiple of "
                    + call.keyHeads() + " key heads");
        }
        Require.sameShape(operation, "q", call.q(), "k", call.k());
        Require.sameShape(operation, "v", call.v(), "out", call.out());
        Require.sameShape(operation, "logDecay", call.logDecay(), "beta", call.beta());
        rows(operation, "k", call.k(), call.states());
        rows(operation, "v", call.v(), call.states());
        rows(operation, "logDecay", call.logDecay(), call.states());
        heads(operation, "k", call.k(), call.keyHeads());
        heads(operation, "v", call.v(), valueHeads);
        states(operation, call.states(), call.stateFloats());
        Require.disjoint(operation, "out", call.out(), "q", call.q());
        Require.disjoint(operation, "out", call.out(), "k", call.k());
        Require.disjoint(operation, "out", call.out(), "v", call.v());
        Require.disjoint(operation, "out", call.out(), "logDecay", call.logDecay());
        Require.disjoint(operation, "out", call.out(), "beta", call.beta());
        apart(operation, "out", call.out(), call.states());
    }

    private static void check(SsmScanCall call) {
        String operation = "ssmScan";
        int heads = call.heads();
        if (call.groups() < 1 || heads % call.groups() != 0 || heads == 0) {
            throw new IllegalArgumentException(
                    operation + ": " + heads + " heads must be a multiple of " + call.groups() + " groups");
        }
        Require.sameShape(operation, "x", call.x(), "out", call.out());
        Require.sameShape(operation, "b", call.b(), "c", call.c());
        rows(operation, "x", call.x(), call.states());
        rows(operation, "dt", call.dt(), call.states());
        rows(operation, "b", call.b(), call.states());
        heads(operation, "x", call.x(), heads);
        heads(operation, "b", call.b(), call.groups());
        vector(operation, "a", call.a(), heads);
        vector(operation, "d", call.d(), heads);
        states(operation, call.states(), call.stateFloats());
        Require.disjoint(operation, "out", call.out(), "x", call.x());
        Require.disjoint(operation, "out", call.out(), "dt", call.dt());
        Require.disjoint(operation, "out", call.out(), "a", call.a());
        Require.disjoint(operation, "out", call.out(), "b", call.b());
        Require.disjoint(operation, "out", call.out(), "c", call.c());
        Require.disjoint(operation, "out", call.out(), "d", call.d());
        apart(operation, "out", call.out(), call.states());
    }

    private static void check(ConvolutionCall call) {
        String operation = "shortConvolution";
        Require.sameShape(operation, "x", call.x(), "y", call.y());
        Require.sameColumns(operation, "x", call.x(), "weight", call.weight());
        rows(operation, "x", call.x(), call.states());
        if (call.taps() < 1) {
            throw new IllegalArgumentException(
                    operation + ": weight " + call.weight().shape() + " has no taps");
        }
        Require.disjoint(operation, "y", call.y(), "x", call.x());
        Require.disjoint(operation, "y", call.y(), "weight", call.weight());
        if (call.bias() != null) {
            vector(operation, "bias", call.bias(), call.channels());
            Require.disjoint(operation, "y", call.y(), "bias", call.bias());
        }
        states(operation, call.states(), call.stateFloats());
        apart(operation, "y", call.y(), call.states());
    }

    private static void rows(String operation, String name, HeapTensor x, StateRows states) {
        if (x.rows() != states.spans().rows()) {
            throw new IllegalArgumentException(operation + ": " + name + " " + x.shape() + " must have the "
                    + states.spans().rows() + " rows of the spans");
        }
    }

    private static void heads(String operation, String name, HeapTensor x, int heads) {
        if (x.columns() == 0 || x.columns() % heads != 0) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " " + x.shape() + " must have a multiple of " + heads + " columns");
        }
    }

    private static void vector(String operation, String name, HeapTensor x, int length) {
        Require.oneRow(operation, name, x);
        if (x.columns() != length) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " " + x.shape() + " must have " + length + " elements");
        }
    }

    private static void states(String operation, StateRows states, long floats) {
        for (int span = 0; span < states.spans().count(); span++) {
            float[] before = states.before()[span];
            float[] after = states.after()[span];
            if (before == after) {
                throw new IllegalArgumentException(
                        operation + ": span " + span + " has one array for the state before and after");
            }
            if (before.length != floats || after.length != floats) {
                throw new IllegalArgumentException(operation + ": the states of span " + span + " must have " + floats
                        + " floats, but have " + before.length + " and " + after.length);
            }
        }
    }

    /** Demands that a result lies outside of the states. */
    private static void apart(String operation, String name, HeapTensor out, StateRows states) {
        for (int span = 0; span < states.spans().count(); span++) {
            Require.outside(operation, name, out, "a state", states.before()[span]);
            Require.outside(operation, name, out, "a state", states.after()[span]);
        }
    }

    private void runDeltaNet(int worker, int begin, int end) {
        rows[worker].gatedDeltaNet(deltaNet, begin, end);
    }

    private void runScan(int worker, int begin, int end) {
        rows[worker].ssmScan(scan, begin, end);
    }

    private void runConvolution(int worker, int begin, int end) {
        rows[worker].shortConvolution(convolution, begin, end);
    }
}
