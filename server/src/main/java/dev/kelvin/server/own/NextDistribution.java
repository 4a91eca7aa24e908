// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

import dev.kelvin.head.Candidates;
import dev.kelvin.head.Explanation;
import dev.kelvin.head.Sampling;
import dev.kelvin.server.answer.TokenJson;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What the next token is picked from.
 *
 * @param logits [V]; −∞ for masked tokens
 * @param probs [V], among the candidates that the samplers leave; 0 for those that they drop
 */
record NextDistribution(float[] logits, float[] probs, Explanation explanation, Tokenizer tokenizer) {
    /** Copies what a sampling is about to pick from. */
    static NextDistribution of(HeapTensor row, Sampling sampling, Tokenizer tokenizer) {
        float[] logits = Arrays.copyOfRange(row.data(), row.offset(), row.offset() + row.columns());
        Explanation explanation = sampling.explain(row);
        Candidates left = sampling.candidates();
        float[] probs = new float[logits.length];
        for (int i = 0; i < left.count(); i++) {
            probs[left.id(i)] = left.prob(i);
        }
        return new NextDistribution(logits, probs, explanation, tokenizer);
    }

    /**
     * As it is told.
     *
     * @param top candidates told with their texts, most probable first
     * @param withLogits whether all logits are told, in the order of ids: from them every temperature follows exactly
     */
    Map<String, Object> json(int[] ids, int top, boolean withLogits) {
        double max = max();
        double logSumExp = logSumExp(max);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ids", Arrays.stream(ids).boxed().toList());
        json.put("position", explanation.position());
        json.put("vocab_size", logits.length);
        json.put("max_logit", max);
        json.put("log_sum_exp", logSumExp);
        json.put("entropy", explanation.before().entropy());
        json.put("candidates", candidates(top, logSumExp));
        json.put("stages", TokenJson.stages(explanation));
        json.put("pick", pick());
        if (withLogits) {
            List<Object> all = new ArrayList<>(logits.length);
            for (float each : logits) {
                all.add(finite(each));
            }
            json.put("logits", all);
        }
        return json;
    }

    private double max() {
        double max = Double.NEGATIVE_INFINITY;
        for (float each : logits) {
            max = Math.max(max, each);
        }
        return max;
    }

    private double logSumExp(double max) {
        double sum = 0;
        for (float each : logits) {
            sum += StrictMath.exp(each - max);
        }
        return max + StrictMath.log(sum);
    }

    /** Null for a masked token, as JSON knows no infinity. */
    private static Object finite(float logit) {
        return logit == Float.NEGATIVE_INFINITY ? null : (Object) logit;
    }

    private List<Object> candidates(int top, double logSumExp) {
        TokenJson tokens = new TokenJson(tokenizer);
        List<Object> candidates = new ArrayList<>();
        IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> logits[a] == logits[b] ? Integer.compare(a, b) : Float.compare(logits[b], logits[a]))
                .limit(top)
                .filter(id -> logits[id] > Float.NEGATIVE_INFINITY)
                .forEach(id -> {
                    Map<String, Object> candidate = new LinkedHashMap<>();
                    candidate.put("id", id);
                    candidate.put("text", tokens.text(id));
                    candidate.put("logit", logits[id]);
                    candidate.put("logprob", logits[id] - logSumExp);
                    candidate.put("prob", probs[id]);
                    candidates.add(candidate);
                });
        return candidates;
    }

    private Map<String, Object> pick() {
        Map<String, Object> pick = new LinkedHashMap<>();
        pick.put("id", explanation.id());
        pick.put("text", new TokenJson(tokenizer).text(explanation.id()));
        pick.put("prob", explanation.probability());
        pick.put("original_prob", explanation.originalProbability());
        pick.put("draw", explanation.draw());
        pick.put("seed", explanation.seed());
        pick.put("ends_text", tokenizer.isEndOfText(explanation.id()) || explanation.id() == tokenizer.bosId());
        return pick;
    }
}
