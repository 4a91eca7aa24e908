// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.TextScores;
import dev.kelvin.generate.Tokenizers;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Texts become the logarithms of their probabilities, in nats. */
final class Scores implements TextWork {
    private final SharedModel model;
    private final TextQueue<Double> queue;

    private Scores(SharedModel model) {
        this.model = model;
        queue = new TextQueue<>(model.onThread(), 1, this::scores);
    }

    /** Prepares a model. */
    static Scores of(SharedModel model) {
        return new Scores(model);
    }

    @Override
    public Pending begin(String text, long key) {
        int[] ids = Tokenizers.promptIds(model.tokenizer(), text);
        model.requireLength("score", ids.length);
        CompletableFuture<Double> score = queue.add(ids);
        return new Pending(score, () -> score.cancel(false));
    }

    private List<Double> scores(List<int[]> texts) throws ModelFormatException {
        double sum = 0;
        try (TextScores scores = new TextScores(model.open(), texts.getFirst(), 0)) {
            boolean more = true;
            while (more) {
                more = scores.next();
            }
            for (GeneratedToken token : scores.tokens()) {
                sum += token.logProb();
            }
        }
        if (Double.isNaN(sum)) {
            throw new IllegalArgumentException("score: the model computes no finite logits for this text");
        }
        return List.of(sum);
    }
}
