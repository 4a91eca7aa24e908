// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Models of random weights as their families' files have them at their plainest, with a vocabulary. */
public final class DrawnModels {
    private DrawnModels() {}

    /**
     * Writes a model.
     *
     * @param family as {@code general.architecture} names it
     */
    public static void write(String family, Path file) throws IOException {
        write(family, 0, file);
    }

    /**
     * Writes a model that is more or less another one.
     *
     * @param noise how far each weight is off, relative to itself
     */
    public static void write(String family, float noise, Path file) throws IOException {
        NaiveModel model = family.equals("qwen3next") ? qwen3Next() : NaiveTransformer.plain(family);
        disturb(model.tensors.values(), noise);
        int vocabSize = model.integer("vocab_size");
        int[] types = new int[vocabSize];
        Arrays.fill(types, 1);
        model.metadata.put("tokenizer.ggml.model", "gpt2");
        model.metadata.put("tokenizer.ggml.pre", "qwen2");
        model.metadata.put(
                "tokenizer.ggml.tokens",
                IntStream.range(0, vocabSize).mapToObj(id -> "t" + id).toArray(String[]::new));
        model.metadata.put("tokenizer.ggml.token_type", types);
        model.metadata.put("tokenizer.ggml.merges", new String[0]);
        model.write(file);
    }

    /** Makes each weight a little larger or smaller. */
    public static void disturb(Iterable<HeapTensor> tensors, float noise) {
        SplittableRandom random = new SplittableRandom(9);
        for (HeapTensor tensor : tensors) {
            for (int i = 0; i < tensor.data().length; i++) {
                tensor.data()[i] *= 1 + noise * (float) random.nextDouble(-1, 1);
            }
        }
    }

    private static NaiveModel qwen3Next() {
        Map<String, Object> experts = Map.of(
                "expert_count", 5,
                "expert_used_count", 2,
                "expert_feed_forward_length", 12,
                "expert_shared_feed_forward_length", 17);
        return new NaiveQwen35("qwen3next", experts, false, 1);
    }
}
