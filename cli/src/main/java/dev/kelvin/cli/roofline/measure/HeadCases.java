// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.measure;

import dev.kelvin.cli.roofline.report.Cost;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Subject;
import dev.kelvin.head.CrossEntropy;
import dev.kelvin.head.MinP;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The end of a model: from logits to a token, and the loss with its gradient. */
final class HeadCases {
    private static final int VOCABULARY = 128_256;

    private HeadCases() {}

    /**
     * Chains of samplers over a row of logits, on one thread: one comparison a logit is counted, since a row must be
     * read.
     */
    static List<Case> sampler(Plan plan) {
        List<Case> cases = new ArrayList<>();
        for (int vocab : plan.quick() ? new int[] {VOCABULARY} : new int[] {32_000, VOCABULARY}) {
            cases.add(sampler("top-k, top-p, min-p", vocab));
            cases.add(sampler("temperature", vocab));
        }
        return cases;
    }

    private static Case sampler(String name, int vocab) {
        return new Case(
                new Subject(Subject.KELVIN, "sampler", name, Integer.toString(vocab), "F32", 1),
                new Cost(vocab, 4.0 * vocab, 4L * vocab, Resource.FMA, Resource.READ),
                "",
                List.of(),
                () -> Calls.of(1, (compute, _) -> pick(compute, name, vocab)));
    }

    private static Runnable pick(Compute compute, String name, int vocab) {
        HeapTensor logits = HeapTensor.of(Operands.normal(1, vocab, 3), 1, vocab);
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 40; i++) { // a few tokens stand out, as after a real prompt
            logits.data()[random.nextInt(vocab)] += 12;
        }
        SamplerChain chain = name.equals("temperature")
                ? SamplerChain.of(new Temperature(0.8f))
                : SamplerChain.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f));
        HeapTensor probs = HeapTensor.zeros(1, vocab);
        compute.softmax(logits, 1, probs);
        Sampling sampling = chain.start(compute, 1, 0);
        int id = sampling.pick(logits);
        if (!(probs.data()[id] > 0 && probs.data()[id] <= 1)) {
            throw new IllegalStateException("sampler: picked " + id + " of probability " + probs.data()[id]);
        }
        return () -> sampling.pick(logits);
    }

    /** The fused loss with its gradient: three products. */
    static List<Case> loss(Plan plan) {
        List<Case> cases = new ArrayList<>();
        cases.add(loss(plan.quick() ? 64 : 512, 768, 32_000, plan.threads()));
        return cases;
    }

    private static Case loss(int tokens, int dim, int vocab, int threads) {
        double bytes = 4.0 * (2.0 * tokens * dim + 3.0 * vocab * dim);
        return new Case(
                new Subject(Subject.KELVIN, "loss", "cross-entropy", Shapes.line(tokens, dim, vocab), "F32", threads),
                new Cost(6.0 * tokens * dim * vocab, bytes, (long) bytes, Resource.FMA, Resource.READ),
                "12·2⁻²⁴·(1 + 2|L|) the loss",
                List.of(),
                () -> Calls.of(threads, (compute, _) -> crossEntropy(compute, tokens, dim, vocab)));
    }

    private static Runnable crossEntropy(Compute compute, int tokens, int dim, int vocab) {
        CrossEntropy loss = new CrossEntropy(compute);
        HeapTensor hidden = HeapTensor.of(Operands.normal(1, tokens * dim, 1), tokens, dim);
        HeapTensor weight = HeapTensor.of(Operands.normal(2, vocab * dim, 1 / Math.sqrt(dim)), vocab, dim);
        HeapTensor dHidden = HeapTensor.zeros(tokens, dim);
        HeapTensor dWeight = HeapTensor.zeros(vocab, dim);
        int[] labels = new SplittableRandom(3).ints(tokens, 0, vocab).toArray();
        // Logits are normal with variance 1: the loss of random labels is near log V + 1/2.
        Checks.near("cross-entropy", loss.forward(hidden, weight, labels, 1), Math.log(vocab) + 0.5, 0.7);
        return () -> loss.forwardBackward(hidden, weight, labels, 1, dHidden, dWeight);
    }
}
