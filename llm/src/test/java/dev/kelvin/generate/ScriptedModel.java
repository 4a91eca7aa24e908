// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.model.LanguageModels;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.WeightSource;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Part;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.GgufTokenizers;
import dev.kelvin.tokenizer.Tokenizer;
import dev.kelvin.tokenizer.Vocabulary;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * A GPT-2 model that says {@code script[p + 1]} at position p, whatever it is given: its learned positions are what it
 * says, the projection to the vocabulary is the identity, and everything else is zero.
 */
public final class ScriptedModel implements WeightSource {
    private final int[] script;

    private ScriptedModel(int[] script) {
        this.script = script;
    }

    /** The model. */
    public static Decoder of(Compute compute, int vocabSize, int contextLength, int... script) {
        DecoderPlan plan = LanguageModels.plan(
                Map.of(
                        "general.architecture",
                        "gpt2",
                        "gpt2.vocab_size",
                        vocabSize,
                        "gpt2.context_length",
                        contextLength,
                        "gpt2.embedding_length",
                        vocabSize,
                        "gpt2.feed_forward_length",
                        1,
                        "gpt2.attention.head_count",
                        1,
                        "gpt2.attention.layer_norm_epsilon",
                        1e-5f,
                        "gpt2.block_count",
                        1),
                Set.of("output.weight"));
        return new Decoder(plan, new ScriptedModel(script), compute);
    }

    /** Ten tokens: unknown, begin, end, and the letters a to g; an id of -1 leaves a vocabulary without that token. */
    public static Tokenizer letters(int bosId, int eosId) {
        String[] pieces = {"<unk>", "<s>", eosId < 0 ? "no end" : "</s>", "a", "b", "c", "d", "e", "f", "g"};
        int[] types = {2, 3, 3, 1, 1, 1, 1, 1, 1, 1};
        return GgufTokenizers.sentencePieces(
                new Vocabulary(pieces, new float[10], types, bosId, eosId, 0, bosId >= 0, false));
    }

    @Override
    public HeapTensor table(Weight weight) {
        HeapTensor table = HeapTensor.zeros(weight.rows(), weight.shape().columns());
        for (int p = 0; weight.name().equals("position_embd.weight") && p < table.rows(); p++) {
            table.data()[p * table.columns() + script[Math.min(p + 1, script.length - 1)]] = 1;
        }
        return table;
    }

    @Override
    public HeapTensor factor(Part part) {
        HeapTensor factor = HeapTensor.zeros(part.rows(), part.columns());
        for (int i = 0; part.weight().name().equals("output.weight") && i < factor.rows(); i++) {
            factor.data()[i * factor.columns() + i] = 50;
        }
        return factor;
    }

    @Override
    public HeapTensor vector(Part part) {
        HeapTensor vector = HeapTensor.zeros(part.rows());
        Arrays.fill(vector.data(), part.weight().role() == Weight.Role.GAIN ? 1 : 0);
        return vector;
    }
}
