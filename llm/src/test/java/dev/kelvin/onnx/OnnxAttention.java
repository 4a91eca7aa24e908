// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.onnx;

import dev.kelvin.onnx.OnnxCase.Value;
import dev.kelvin.operand.AttentionBias;
import dev.kelvin.operand.AttentionMask;
import dev.kelvin.operand.AttentionScores;
import dev.kelvin.operand.DenseAttentionCall;
import dev.kelvin.operand.Heads;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;

/** ONNX's Attention as public calls. */
final class OnnxAttention {
    private final Compute compute;
    private int sequences;
    private int heads;
    private int kvHeads;

    OnnxAttention(Compute compute) {
        this.compute = compute;
    }

    List<HeapTensor> run(OnnxCase c) {
        Value query = c.inputs().get("Q");
        boolean inHeads = query.shape().length == 4;
        sequences = query.shape()[0];
        heads = inHeads ? query.shape()[1] : c.integer("q_num_heads", 1);
        kvHeads = inHeads ? c.inputs().get("K").shape()[1] : c.integer("kv_num_heads", 1);
        Heads q = heads(query.tensor(), heads);
        Heads k = heads(c.tensor("K"), kvHeads);
        Heads v = heads(c.tensor("V"), kvHeads);
        int past = 0;
        if (c.has("past_key")) {
            past = c.inputs().get("past_key").shape()[2];
            k = joined(c.tensor("past_key"), k);
            v = joined(c.tensor("past_value"), v);
        }
        HeapTensor y = HeapTensor.zeros(c.outputs().get("Y").shape());
        DenseAttentionCall call = DenseAttentionCall.of(q, k, v, heads(y, heads))
                .withMask(mask(c))
                .withPositions(positions(c, q, past));
        if (c.attributes().containsKey("scale")) {
            call = call.withScale((float) c.number("scale", 1));
        }
        float cap = (float) c.number("softcap", 0);
        if (cap != 0) {
            call = call.withScores(AttentionScores.softCapped(cap));
        }
        if (c.has("attn_mask")) {
            call = call.withBias(bias(c.inputs().get("attn_mask")));
        }
        if (c.has("nonpad_kv_seqlen")) {
            call = call.withKeyLengths(c.inputs().get("nonpad_kv_seqlen").ints());
        }
        compute.attention().attend(call);
        List<HeapTensor> outputs = new ArrayList<>();
        for (String output : c.outputs().keySet()) {
            outputs.add(
                    switch (output) {
                        case "Y" -> y;
                        case "present_key" -> (HeapTensor) call.k().tensor();
                        case "present_value" -> (HeapTensor) call.v().tensor();
                        default -> scores(call, c.integer("qk_matmul_output_mode", 0));
                    });
        }
        return outputs;
    }

    private Heads heads(HeapTensor x, int count) {
        return x.shape().rank() == 4 ? Heads.inHeads(x) : Heads.inRows(x, sequences, count);
    }

    /** What was before and what comes, [B, H, T, D]. */
    private static Heads joined(HeapTensor past, Heads now) {
        int before = past.shape().dim(2);
        int dim = now.dim();
        HeapTensor all = HeapTensor.zeros(now.sequences(), now.heads(), before + now.rows(), dim);
        Heads joined = Heads.inHeads(all);
        Heads old = Heads.inHeads(past);
        for (int b = 0; b < now.sequences(); b++) {
            for (int h = 0; h < now.heads(); h++) {
                for (int t = 0; t < before + now.rows(); t++) {
                    Heads from = t < before ? old : now;
                    int at = from.at(b, t < before ? t : t - before, h);
                    System.arraycopy(((HeapTensor) from.tensor()).data(), at, all.data(), joined.at(b, t, h), dim);
                }
            }
        }
        return joined;
    }

    private static AttentionMask mask(OnnxCase c) {
        int left = c.integer("left_window_size", -1);
        int right = c.integer("right_window_size", -1);
        int after = right < 0 ? Integer.MAX_VALUE : right;
        return new AttentionMask(
                left < 0 ? Integer.MAX_VALUE : left, c.integer("is_causal", 0) == 1 ? Math.min(after, 0) : after);
    }

    /** Behind the past; with keys of different lengths, queries are the last of them. */
    private int[] positions(OnnxCase c, Heads q, int past) {
        int[] positions = new int[sequences];
        for (int b = 0; b < sequences; b++) {
            positions[b] = c.has("nonpad_kv_seqlen")
                    ? c.inputs().get("nonpad_kv_seqlen").ints()[b] - q.rows()
                    : past;
        }
        return positions;
    }

    private static AttentionBias bias(Value mask) {
        if (!mask.type().equals("bool")) {
            return AttentionBias.of(mask.tensor());
        }
        boolean[] seen = new boolean[mask.data().length];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = mask.data()[i] != 0;
        }
        return AttentionBias.mask(seen, mask.shape());
    }

    /** What attention does not keep: products (0), capped (1), with their bias (2), probabilities (3). */
    private HeapTensor scores(DenseAttentionCall call, int mode) {
        int rows = call.q().rows();
        int keys = call.k().rows();
        HeapTensor all = HeapTensor.zeros(sequences, heads, rows, keys);
        for (int b = 0; b < sequences; b++) {
            for (int h = 0; h < heads; h++) {
                HeapTensor s = HeapTensor.view(all.data(), (b * heads + h) * rows * keys, rows, keys);
                compute.matmul(matrix(call.q(), b, h), matrix(call.k(), b, h / (heads / kvHeads)), s);
                compute.elements().scale(s, call.scale(), s);
                if (mode >= 1 && call.scores().isCapped()) {
                    compute.elements().softCap(s, call.scores().softCap(), s);
                }
                if (mode >= 2 && call.bias() != null) {
                    for (int t = 0; t < rows; t++) {
                        HeapTensor row = HeapTensor.view(s.data(), s.offset() + t * keys, keys);
                        HeapTensor added = HeapTensor.view(
                                call.bias().values().data(), call.bias().at(b, h, t), keys);
                        compute.elements().add(row, added, row);
                    }
                }
                if (mode == 3) {
                    softmax(s, keys);
                }
            }
        }
        return all;
    }

    private void softmax(HeapTensor s, int keys) {
        for (int t = 0; t < s.rows(); t++) {
            HeapTensor row = HeapTensor.view(s.data(), s.offset() + t * keys, keys);
            if (compute.logits().max(row) == Float.NEGATIVE_INFINITY) {
                compute.elements().clear(row);
            } else {
                compute.softmax(row, 1, row);
            }
        }
    }

    private static HeapTensor matrix(Heads x, int sequence, int head) {
        HeapTensor matrix = HeapTensor.zeros(x.rows(), x.dim());
        for (int t = 0; t < x.rows(); t++) {
            float[] from = ((HeapTensor) x.tensor()).data();
            int at = x.at(sequence, t, head);
            System.arraycopy(from, at, matrix.data(), t * x.dim(), x.dim());
        }
        return matrix;
    }
}
