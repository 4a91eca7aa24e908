// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.head.LogitProjection;
import dev.kelvin.model.LanguageModel;
import dev.kelvin.model.ModelConfig;
import dev.kelvin.nn.KvCache;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A model that says {@code script[p + 1]} at position p, whatever it is given, and notes what it was given. */
final class ScriptedModel implements LanguageModel {
    final List<Integer> seen = new ArrayList<>();
    final List<Integer> callSizes = new ArrayList<>();
    int caches;

    private final ModelConfig config;
    private final LogitProjection head;
    private final int[] script;

    ScriptedModel(Compute compute, int vocabSize, int contextLength, int... script) {
        this.config = new ModelConfig(vocabSize, 1, 1, 1, 2, 1, vocabSize, contextLength, 1e-5f, 1e4f, 2);
        HeapTensor identity = HeapTensor.zeros(vocabSize, vocabSize);
        for (int i = 0; i < vocabSize; i++) {
            identity.data()[i * vocabSize + i] = 1;
        }
        this.head = new LogitProjection(compute, identity);
        this.script = script;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public KvCache newCache(int capacity) {
        caches++;
        return new KvCache(1, 1, capacity, 2);
    }

    @Override
    public void forward(KvCache cache, int[] tokens, int begin, int end, HeapTensor hidden) {
        callSizes.add(end - begin);
        int columns = hidden.columns();
        Arrays.fill(hidden.data(), hidden.offset(), hidden.offset() + (end - begin) * columns, 0);
        for (int i = begin; i < end; i++) {
            seen.add(tokens[i]);
            int next = cache.position() + i - begin + 1;
            hidden.data()[hidden.offset() + (i - begin) * columns + script[Math.min(next, script.length - 1)]] = 50;
        }
        cache.advance(end - begin);
    }

    @Override
    public LogitProjection head() {
        return head;
    }
}
