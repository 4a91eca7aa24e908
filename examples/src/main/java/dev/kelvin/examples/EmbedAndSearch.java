// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.examples;

import dev.kelvin.generate.Embedder;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.operand.Matrix;
import dev.kelvin.operand.Neighbours;
import dev.kelvin.operand.Similarity;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;

/** Makes vectors of some texts, and finds those that are nearest to another one. */
public final class EmbedAndSearch {
    private EmbedAndSearch() {}

    /** Takes the path of a model: an encoder, best, but any will do. */
    public static void main(String[] args) throws IOException {
        List<String> texts = List.of(
                "The little dog ran after the ball.",
                "Mom made a big cake for the party.",
                "A puppy played in the park.",
                "It was raining, and the street was wet.");
        Compute compute = Compute.start(Runtime.getRuntime().availableProcessors());
        try (OpenModel model = OpenModel.of(Models.file(args), compute, LoadOptions.QUIET)) {
            // Kelvin.embed does all this for a model whose file names a pooling.
            Pooling own = model.model().plan().pooling();
            Embedder embedder = new Embedder(model.model(), own == Pooling.NONE ? Pooling.MEAN : own);
            Tokenizer tokenizer = model.tokenizer();
            HeapTensor vectors = embedder.embed(texts.stream()
                    .map(text -> tokenizer.surround(tokenizer.encode(text)))
                    .toList());
            int[] query = tokenizer.surround(tokenizer.encode("The dog and the puppy played with a ball."));
            float[] vector = embedder.embed(List.of(query)).data();
            Neighbours found = Neighbours.of(2);
            compute.search().nearest(Similarity.COSINE, vector, Matrix.of(vectors), found);
            for (int i = 0; i < found.count(); i++) {
                System.out.printf("%.3f  %s%n", found.score(i), texts.get(found.row(i)));
            }
        }
    }
}
