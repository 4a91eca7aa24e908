// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Asks a model which of some words comes next, by their logits: a classifier without training. */
public final class ClassifyByLogits {
    private static final List<String> LABELS = List.of(" happy", " sad");

    private ClassifyByLogits() {}

    /** Takes the path of a model. */
    public static void main(String[] args) throws IOException {
        List<String> texts = List.of("Tim got a new toy. He was very", "Tim lost his toy and cried. He was very");
        Compute compute = Compute.start(Runtime.getRuntime().availableProcessors());
        try (OpenModel model = OpenModel.of(Models.file(args), compute, LoadOptions.QUIET)) {
            for (String text : texts) {
                double[] scores = new double[LABELS.size()];
                for (int i = 0; i < scores.length; i++) {
                    scores[i] = logProb(model, text, LABELS.get(i));
                }
                String label = LABELS.get(scores[0] > scores[1] ? 0 : 1);
                System.out.printf("%s%s  (%.2f nats)%n", text, label, Math.abs(scores[0] - scores[1]));
            }
        }
    }

    /** The log-probability that a text goes on with a word, token by token, in nats. */
    private static double logProb(OpenModel model, String text, String word) throws IOException {
        int[] ids = model.promptIds(text, false);
        double sum = 0;
        for (int next : model.tokenizer().encode(word)) {
            HeapTensor logProbs = HeapTensor.of(model.nextLogits(ids), 1, model.vocabSize());
            model.compute().logSoftmax(logProbs, 1, logProbs);
            sum += logProbs.data()[next];
            ids = Arrays.copyOf(ids, ids.length + 1);
            ids[ids.length - 1] = next;
        }
        return sum;
    }
}
