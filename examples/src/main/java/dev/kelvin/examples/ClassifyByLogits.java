// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
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
            Tokenizer tokenizer = model.tokenizer();
            int[] ids = LABELS.stream()
                    .mapToInt(label -> tokenizer.encode(label)[0])
                    .toArray();
            for (String text : texts) {
                float[] logits = model.nextLogits(model.promptIds(text, false));
                HeapTensor probs = HeapTensor.of(new float[] {logits[ids[0]], logits[ids[1]]}, 1, 2);
                compute.softmax(probs, 1, probs); // of these words alone
                float happy = probs.data()[0];
                System.out.printf("%s%s (%.2f)%n", text, LABELS.get(happy > 0.5f ? 0 : 1), Math.max(happy, 1 - happy));
            }
        }
    }
}
