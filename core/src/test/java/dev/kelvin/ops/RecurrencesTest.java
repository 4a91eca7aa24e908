// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kelvin.operand.ConvolutionCall;
import dev.kelvin.operand.DeltaNetCall;
import dev.kelvin.operand.SsmScanCall;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tensor.RowSpans;
import dev.kelvin.tensor.StateRows;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Layers with a state: the same bits at every width and number of threads, several sequences at once or each alone, at
 * once or row by row; and within a bound of the formulas in double.
 */
class RecurrencesTest {
    private static final int[] ROWS = {5, 1, 9, 1, 2};
    private static final int ALL = 18;

    /** A layer over rows [begin, end) of its inputs. */
    @FunctionalInterface
    private interface Layer {
        HeapTensor run(Compute compute, int begin, int end, StateRows states);
    }

    private static HeapTensor random(int seed, int rows, int columns) {
        Random random = new Random(seed);
        HeapTensor tensor = HeapTensor.zeros(rows, columns);
        for (int i = 0; i < tensor.data().length; i++) {
            tensor.data()[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    private static float[][] states(int count, int floats) {
        float[][] states = new float[count][];
        for (int i = 0; i < count; i++) {
            states[i] = random(100 + i, 1, floats).data();
        }
        return states;
    }

    private static void check(int columns, int floats, Layer layer) {
        RowSpans spans = new RowSpans();
        for (int rows : ROWS) {
            spans.add(7, rows);
        }
        float[][] before = states(ROWS.length, floats);
        float[][] expectedAfter = new float[ROWS.length][floats];
        HeapTensor expected = layer.run(ComputeGrid.reference(), 0, ALL, new StateRows(spans, before, expectedAfter));
        assertEquals(columns, expected.columns());
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            float[][] after = new float[ROWS.length][floats];
            HeapTensor actual = layer.run(point.compute(), 0, ALL, new StateRows(spans, before, after));
            assertArrayEquals(expected.data(), actual.data(), point::toString);
            for (int s = 0; s < ROWS.length; s++) {
                assertArrayEquals(states(ROWS.length, floats)[s], before[s], "what was before is left alone");
                assertArrayEquals(expectedAfter[s], after[s], point + ", state " + s);
            }
        }
        for (int s = 0; s < ROWS.length; s++) {
            float[] state = before[s];
            for (int row = spans.rowBegin(s); row < spans.rowEnd(s); row++) {
                float[] next = new float[floats];
                StateRows one = new StateRows(RowSpans.of(7, 1), new float[][] {state}, new float[][] {next});
                HeapTensor alone = layer.run(ComputeGrid.fastest(), row, row + 1, one);
                float[] inBatch = java.util.Arrays.copyOfRange(expected.data(), row * columns, (row + 1) * columns);
                assertArrayEquals(inBatch, alone.data(), "row " + row + " alone");
                state = next;
            }
            assertArrayEquals(expectedAfter[s], state, "state " + s + " row by row");
        }
    }

    @Test
    void gatedDeltaNet() {
        for (int[] shape : new int[][] {{2, 4, 32, 32}, {1, 1, 5, 3}, {2, 6, 16, 80}}) {
            int keyHeads = shape[0];
            int valueHeads = shape[1];
            int keyDim = shape[2];
            int valueDim = shape[3];
            HeapTensor q = random(1, ALL, keyHeads * keyDim);
            HeapTensor k = random(2, ALL, keyHeads * keyDim);
            ComputeGrid.reference()
                    .rows()
                    .l2Norm(
                            HeapTensor.of(k.data(), ALL * keyHeads, keyDim),
                            1e-6f,
                            HeapTensor.of(k.data(), ALL * keyHeads, keyDim));
            HeapTensor v = random(3, ALL, valueHeads * valueDim);
            HeapTensor g = random(4, ALL, valueHeads);
            HeapTensor beta = random(5, ALL, valueHeads);
            for (int i = 0; i < g.data().length; i++) {
                g.data()[i] = -Math.abs(g.data()[i]);
                beta.data()[i] = 1 / (1 + Math.abs(beta.data()[i]));
            }
            int floats = valueHeads * keyDim * valueDim;
            Layer layer = (compute, begin, end, states) -> {
                HeapTensor out = HeapTensor.zeros(end - begin, valueHeads * valueDim);
                compute.recurrences()
                        .gatedDeltaNet(new DeltaNetCall(
                                q.rowRange(begin, end),
                                k.rowRange(begin, end),
                                v.rowRange(begin, end),
                                g.rowRange(begin, end),
                                beta.rowRange(begin, end),
                                states,
                                out,
                                keyHeads));
                return out;
            };
            check(valueHeads * valueDim, floats, layer);
            // The last sequence but two has the most rows: in double, head by head.
            float[][] before = states(1, floats);
            StateRows states = new StateRows(RowSpans.of(0, ALL), before, new float[1][floats]);
            HeapTensor out = layer.run(ComputeGrid.fastest(), 0, ALL, states);
            for (int head = 0; head < valueHeads; head++) {
                double[] s = new double[keyDim * valueDim];
                for (int i = 0; i < s.length; i++) {
                    s[i] = before[0][head * s.length + i];
                }
                int keyHead = head % keyHeads;
                for (int t = 0; t < ALL; t++) {
                    double decay = Math.exp(g.data()[t * valueHeads + head]);
                    for (int j = 0; j < valueDim; j++) {
                        double seen = 0;
                        for (int i = 0; i < keyDim; i++) {
                            s[i * valueDim + j] *= decay;
                            seen += s[i * valueDim + j] * k.data()[(t * keyHeads + keyHead) * keyDim + i];
                        }
                        double delta = (v.data()[(t * valueHeads + head) * valueDim + j] - seen)
                                * beta.data()[t * valueHeads + head];
                        double read = 0;
                        for (int i = 0; i < keyDim; i++) {
                            s[i * valueDim + j] += k.data()[(t * keyHeads + keyHead) * keyDim + i] * delta;
                            read += s[i * valueDim + j] * q.data()[(t * keyHeads + keyHead) * keyDim + i];
                        }
                        assertEquals(read, out.data()[(t * valueHeads + head) * valueDim + j], 1e-4, "row " + t);
                    }
                }
            }
        }
    }

    @Test
    void ssmScan() {
        for (int[] shape : new int[][] {{4, 32, 16, 2}, {3, 5, 7, 1}, {2, 80, 4, 2}}) {
            int heads = shape[0];
            int dim = shape[1];
            int stateDim = shape[2];
            int groups = shape[3];
            HeapTensor x = random(1, ALL, heads * dim);
            HeapTensor dt = random(2, ALL, heads);
            ComputeGrid.reference().elements().activate(dev.kelvin.operand.Activation.SOFTPLUS, dt, dt);
            HeapTensor a = random(3, 1, heads);
            for (int h = 0; h < heads; h++) {
                a.data()[h] = -Math.abs(a.data()[h]);
            }
            HeapTensor b = random(4, ALL, groups * stateDim);
            HeapTensor c = random(5, ALL, groups * stateDim);
            HeapTensor d = random(6, 1, heads);
            int floats = heads * stateDim * dim;
            Layer layer = (compute, begin, end, states) -> {
                HeapTensor out = HeapTensor.zeros(end - begin, heads * dim);
                compute.recurrences()
                        .ssmScan(new SsmScanCall(
                                x.rowRange(begin, end),
                                dt.rowRange(begin, end),
                                a,
                                b.rowRange(begin, end),
                                c.rowRange(begin, end),
                                d,
                                states,
                                out,
                                groups));
                return out;
            };
            check(heads * dim, floats, layer);
            float[][] before = states(1, floats);
            StateRows states = new StateRows(RowSpans.of(0, ALL), before, new float[1][floats]);
            HeapTensor out = layer.run(ComputeGrid.fastest(), 0, ALL, states);
            for (int head = 0; head < heads; head++) {
                int group = head / (heads / groups);
                for (int p = 0; p < dim; p++) {
                    double[] s = new double[stateDim];
                    for (int n = 0; n < stateDim; n++) {
                        s[n] = before[0][(head * stateDim + n) * dim + p];
                    }
                    for (int t = 0; t < ALL; t++) {
                        double step = dt.data()[t * heads + head];
                        double input = x.data()[(t * heads + head) * dim + p];
                        double y = d.data()[head] * input;
                        for (int n = 0; n < stateDim; n++) {
                            int at = (t * groups + group) * stateDim + n;
                            s[n] = s[n] * Math.exp(step * a.data()[head]) + b.data()[at] * step * input;
                            y += s[n] * c.data()[at];
                        }
                        assertEquals(y, out.data()[(t * heads + head) * dim + p], 1e-4, "row " + t);
                    }
                }
            }
        }
    }

    @Test
    void shortConvolution() {
        for (int taps : new int[] {2, 3, 4, 8}) {
            for (int channels : new int[] {1, 17, 600}) {
                for (HeapTensor bias : new HeapTensor[] {null, random(3, 1, channels)}) {
                    HeapTensor x = random(1, ALL, channels);
                    HeapTensor weight = random(2, taps, channels);
                    int floats = (taps - 1) * channels;
                    Layer layer = (compute, begin, end, states) -> {
                        HeapTensor y = HeapTensor.zeros(end - begin, channels);
                        compute.recurrences()
                                .shortConvolution(new ConvolutionCall(x.rowRange(begin, end), weight, bias, states, y));
                        return y;
                    };
                    check(channels, floats, layer);
                    float[][] before = states(1, floats);
                    StateRows states = new StateRows(RowSpans.of(0, ALL), before, new float[1][floats]);
                    HeapTensor y = layer.run(ComputeGrid.fastest(), 0, ALL, states);
                    for (int t = 0; t < ALL; t++) {
                        for (int c = 0; c < channels; c++) {
                            double sum = bias == null ? 0 : bias.data()[c];
                            for (int j = 0; j < taps; j++) {
                                int from = t - (taps - 1) + j;
                                float in = from < 0
                                        ? before[0][(from + taps - 1) * channels + c]
                                        : x.data()[from * channels + c];
                                sum += (double) in * weight.data()[j * channels + c];
                            }
                            assertEquals(sum, y.data()[t * channels + c], 1e-5);
                        }
                    }
                }
            }
        }
    }

    @Test
    void refusals() {
        Compute compute = ComputeGrid.fastest();
        RowSpans spans = RowSpans.of(0, 2);
        HeapTensor x = HeapTensor.zeros(2, 8);
        float[] state = new float[16];
        refuses("shortConvolution: span 0 has one array for the state before and after", () -> compute.recurrences()
                .shortConvolution(new ConvolutionCall(
                        x,
                        HeapTensor.zeros(3, 8),
                        null,
                        new StateRows(spans, new float[][] {state}, new float[][] {state}),
                        HeapTensor.zeros(2, 8))));
        StateRows states = new StateRows(spans, new float[][] {state}, new float[1][16]);
        refuses(
                "shortConvolution: the states of span 0 must have 8 floats, but have 16 and 16",
                () -> compute.recurrences()
                        .shortConvolution(
                                new ConvolutionCall(x, HeapTensor.zeros(2, 8), null, states, HeapTensor.zeros(2, 8))));
        refuses("gatedDeltaNet: 3 value heads must be a multiple of 2 key heads", () -> compute.recurrences()
                .gatedDeltaNet(new DeltaNetCall(
                        x,
                        x,
                        HeapTensor.zeros(2, 6),
                        HeapTensor.zeros(2, 3),
                        HeapTensor.zeros(2, 3),
                        states,
                        HeapTensor.zeros(2, 6),
                        2)));
        refuses("ssmScan: dt [3, 2] must have the 2 rows of the spans", () -> compute.recurrences()
                .ssmScan(new SsmScanCall(
                        x,
                        HeapTensor.zeros(3, 2),
                        HeapTensor.zeros(2),
                        x,
                        x,
                        HeapTensor.zeros(2),
                        states,
                        HeapTensor.zeros(2, 8),
                        1)));
    }

    private static void refuses(String message, Runnable operation) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, operation::run).getMessage());
    }
}
