// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.kelvin.format.GgufFile;
import dev.kelvin.nn.Batch;
import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.Sequence;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LlamaTest {
    /**
     * Absolute error of a logit. Sums have at most 60 terms, that is 4 steps in a lane and 4 folds, so their error is
     * at most 9 · 2⁻²⁴ times the sum of the magnitudes; some fifteen follow one another, and logits reach about 4 here.
     */
    private static final double TOLERANCE = 15 * 9 * 0x1p-24 * 4;

    @TempDir
    private Path folder;

    @FunctionalInterface
    private interface ModelTest {
        void run(Decoder model) throws IOException;
    }

    private void with(TinyLlama tiny, int threads, ModelTest test) throws IOException {
        Path path = tiny.write(folder.resolve("tiny.gguf"));
        try (Compute compute = Compute.start(threads);
                GgufFile file = GgufFile.open(path)) {
            test.run(LanguageModels.load(file, compute));
        }
    }

    private void assertAgreesWithNaive(TinyLlama tiny) throws IOException {
        int[] tokens = Forwards.tokens(40, tiny.config.vocabSize());
        double[][] expected = new NaiveLlama(tiny).logits(tokens);
        with(tiny, 1, model -> {
            HeapTensor logits = Forwards.logits(model, tokens);
            double worst = 0;
            for (int t = 0; t < tokens.length; t++) {
                for (int id = 0; id < tiny.config.vocabSize(); id++) {
                    double actual = logits.data()[logits.offset() + t * tiny.config.vocabSize() + id];
                    worst = Math.max(worst, Math.abs(actual - expected[t][id]));
                }
            }
            assertTrue(worst < TOLERANCE, "worst error " + worst + " against a double computation of " + tiny.config);
        });
    }

    @Test
    void makesVectorsWhereItsFileSaysHow() throws IOException {
        List<Pooling> poolings = List.of(Pooling.NONE, Pooling.MEAN, Pooling.CLS, Pooling.LAST, Pooling.NONE);
        for (int type = 0; type < poolings.size(); type++) {
            TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 1);
            tiny.metadata.put("llama.pooling_type", type);
            Pooling expected = poolings.get(type);
            with(tiny, 1, model -> assertEquals(expected, model.plan().pooling()));
        }
    }

    @Test
    void agreesWithDoublePrecisionTied() throws IOException {
        assertAgreesWithNaive(new TinyLlama(TinyLlama.oddConfig(), true, 1));
    }

    @Test
    void agreesWithDoublePrecisionUntied() throws IOException {
        assertAgreesWithNaive(new TinyLlama(TinyLlama.oddConfig(), false, 2));
    }

    @Test
    void agreesWithDoublePrecisionAtOtherShapes() throws IOException {
        // One key head for all; every head its own; a head wider than a vector; a single element beside the heads.
        assertAgreesWithNaive(new TinyLlama(new ModelConfig(17, 33, 5, 1, 18, 2, 40, 64, 1e-6f, 500f, 18), false, 3));
        assertAgreesWithNaive(new TinyLlama(new ModelConfig(48, 16, 4, 4, 34, 1, 300, 64, 1e-3f, 1e6f, 34), true, 4));
        assertAgreesWithNaive(new TinyLlama(new ModelConfig(1, 1, 2, 1, 2, 2, 5, 64, 1e-5f, 1e4f, 2), false, 5));
    }

    @Test
    void turnsOnlyTheFirstRopeDims() throws IOException {
        ModelConfig config = new ModelConfig(24, 20, 4, 2, 12, 2, 30, 64, 1e-5f, 100f, 6);
        assertAgreesWithNaive(new TinyLlama(config, true, 6));
    }

    @Test
    void dividesFrequenciesByTheirFactors() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 7);
        tiny.tensors.put("rope_freqs.weight", HeapTensor.of(new float[] {1, 2.5f, 0.5f, 8, 32}, 5));
        assertAgreesWithNaive(tiny);
    }

    @Test
    void addsTheBiasesThatAFileHas() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 21);
        SplittableRandom random = new SplittableRandom(22);
        for (String name : List.copyOf(tiny.tensors.keySet())) {
            // The last layer keeps its feed-forward part without.
            if (name.matches("blk.*attn_(q|k|v|output).weight|blk.[01].ffn_(gate|up|down).weight")) {
                HeapTensor bias =
                        TinyLlama.uniform(random, 0.5f, tiny.tensors.get(name).rows());
                tiny.tensors.put(name.replace(".weight", ".bias"), bias);
            }
        }
        assertAgreesWithNaive(tiny);
    }

    @Test
    void scalesScoresAsTheFileSays() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 23);
        tiny.metadata.put("llama.attention.scale", 0.7f);
        assertAgreesWithNaive(tiny);
    }

    @Test
    void layersThatAreAllAlikeMayBeListed() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 24);
        tiny.metadata.put("llama.attention.head_count", new int[] {6, 6, 6});
        tiny.metadata.put("llama.attention.head_count_kv", new long[] {2, 2, 2});
        tiny.metadata.put("llama.feed_forward_length", new short[] {53, 53, 53});
        tiny.metadata.put("llama.attention.layer_norm_rms_epsilon", new float[] {1e-5f, 1e-5f, 1e-5f});
        tiny.metadata.put("llama.rope.scaling.type", "linear");
        tiny.metadata.put("llama.rope.scaling.factor", 1f);
        assertAgreesWithNaive(tiny);
    }

    @Test
    void defaultsOfMissingKeys() throws IOException {
        ModelConfig config = new ModelConfig(24, 20, 4, 4, 6, 2, 30, 64, 1e-5f, 10000f, 6);
        TinyLlama tiny = TinyLlama.withLetters(config, false, 8);
        tiny.metadata.remove("llama.attention.head_count_kv");
        tiny.metadata.remove("llama.attention.key_length");
        tiny.metadata.remove("llama.attention.value_length");
        tiny.metadata.remove("llama.rope.dimension_count");
        tiny.metadata.remove("llama.rope.freq_base");
        tiny.metadata.remove("llama.vocab_size");
        tiny.metadata.put("llama.rope.scaling.type", "none");
        assertAgreesWithNaive(tiny);
    }

    @Test
    void prefillEqualsDecodeStepsBitForBit() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), false, 9);
        int[] tokens = Forwards.tokens(70, tiny.config.vocabSize());
        with(tiny, 1, model -> {
            HeapTensor steps = Forwards.hidden(model, tokens, 1);
            for (int[] pieces : new int[][] {{70}, {2}, {7}, {16, 15, 17}, {69, 1}, {1, 69}, {3, 1, 1, 40, 1}}) {
                HeapTensor other = Forwards.hidden(model, tokens, pieces);
                Forwards.assertSameBits(steps, other, "pieces of " + Arrays.toString(pieces));
            }
        });
    }

    @Test
    void prefillBeyondOnePieceEqualsDecodeStepsBitForBit() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 10);
        int[] tokens = Forwards.tokens(2 * Decoder.PIECE + 3, tiny.config.vocabSize());
        with(tiny, 2, model -> {
            HeapTensor steps = Forwards.hidden(model, tokens, 1);
            for (int piece : new int[] {tokens.length, Decoder.PIECE, Decoder.PIECE + 1, Decoder.PIECE - 1}) {
                Forwards.assertSameBits(steps, Forwards.hidden(model, tokens, piece), "pieces of " + piece);
            }
        });
    }

    @Test
    void laneWidthsAndThreadsDoNotChangeTheBits() throws IOException {
        for (boolean tied : new boolean[] {true, false}) {
            TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), tied, 20);
            int[] tokens = Forwards.tokens(50, tiny.config.vocabSize());
            try (GgufFile file = GgufFile.open(tiny.write(folder.resolve("tiny.gguf")))) {
                HeapTensor expected = Forwards.logits(LanguageModels.load(file, ComputeGrid.reference()), tokens);
                for (ComputeGrid.Point point : ComputeGrid.points()) {
                    Decoder model = LanguageModels.load(file, point.compute());
                    Forwards.assertSameBits(expected, Forwards.logits(model, tokens), point.toString());
                    Forwards.assertSameBits(
                            Forwards.hidden(model, tokens, 50),
                            Forwards.hidden(model, tokens, 1),
                            "decode steps at " + point);
                }
            }
        }
    }

    @Test
    void threadsDoNotChangeTheBits() throws IOException {
        // Large enough that matrices, attention and element-wise work are all shared.
        ModelConfig config = new ModelConfig(200, 330, 6, 3, 26, 2, 600, 400, 1e-5f, 10000f, 26);
        TinyLlama tiny = new TinyLlama(config, false, 11);
        int[] tokens = Forwards.tokens(300, config.vocabSize());
        HeapTensor[] alone = new HeapTensor[1];
        with(tiny, 1, model -> alone[0] = Forwards.logits(model, tokens));
        for (int threads : new int[] {2, 3}) {
            with(
                    tiny,
                    threads,
                    model -> Forwards.assertSameBits(alone[0], Forwards.logits(model, tokens), threads + " threads"));
        }
    }

    @Test
    void sequencesDoNotDisturbEachOther() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), false, 12);
        int[] tokens = Forwards.tokens(20, tiny.config.vocabSize());
        int[] others = {5, 4, 3, 2, 1};
        with(tiny, 1, model -> {
            HeapTensor expected = Forwards.hidden(model, tokens, 20);
            Sequence first = model.newPool().newSequence();
            Sequence second = model.newPool().newSequence();
            HeapTensor actual = HeapTensor.zeros(20, tiny.config.dim());
            HeapTensor ignored = HeapTensor.zeros(5, tiny.config.dim());
            for (int t = 0; t < 20; t++) {
                model.append(first, tokens, t, t + 1, actual.rowRange(t, t + 1));
                model.append(second, others, 0, 5, ignored);
            }
            Forwards.assertSameBits(expected, actual, "interleaved with another sequence");
        });
    }

    @Test
    void aSequenceThatWasCutGoesOnAsIfNothingHadFollowed() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), false, 13);
        int[] tokens = Forwards.tokens(20, tiny.config.vocabSize());
        with(tiny, 1, model -> {
            HeapTensor expected = Forwards.hidden(model, tokens, 20);
            Sequence sequence = model.newPool().newSequence();
            HeapTensor rows = HeapTensor.zeros(20, tiny.config.dim());
            model.append(sequence, new int[] {9, 9, 9}, 0, 3, rows.rowRange(0, 3));
            sequence.truncate(0);
            model.append(sequence, tokens, 0, 8, rows.rowRange(0, 8));
            model.append(sequence, new int[] {70, 69, 68, 67}, 1, 4, rows.rowRange(8, 11));
            sequence.truncate(8);
            model.append(sequence, tokens, 8, 20, rows.rowRange(8, 20));
            Forwards.assertSameBits(expected, rows, "after truncation");
        });
    }

    @Test
    void onlyTheLastRowIsWantedOfAPrompt() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 25);
        int[] tokens = Forwards.tokens(Decoder.PIECE + 3, tiny.config.vocabSize());
        with(tiny, 1, model -> {
            HeapTensor all = Forwards.hidden(model, tokens, tokens.length);
            HeapTensor last = HeapTensor.zeros(1, tiny.config.dim());
            model.append(model.newPool().newSequence(), tokens, 0, tokens.length, last);
            Forwards.assertSameBits(all.rowRange(tokens.length - 1, tokens.length), last, "the last row");
        });
    }

    @Test
    void refusesWrongArgumentsBeforeAnyWork() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), false, 14);
        tiny.metadata.put("llama.context_length", 4);
        int dim = tiny.config.dim();
        with(tiny, 1, model -> {
            Sequence sequence = model.newPool().newSequence();
            HeapTensor two = HeapTensor.zeros(2, dim);
            refused("tokens[1] is 71, outside the vocabulary [0, 71)", model, sequence, new int[] {0, 71}, 0, 2, two);
            refused("tokens[2] is -1", model, sequence, new int[] {99, 0, -1}, 1, 3, two);
            refused("[1, 3) is not a range of 2 tokens", model, sequence, new int[] {0, 1}, 1, 3, two);
            refused("hidden must be [1, 36], but is [2, 36]", model, sequence, new int[] {0, 1}, 1, 2, two);
            refused("hidden must be [1, 36]", model, sequence, new int[] {0, 1}, 1, 2, HeapTensor.zeros(dim));
            refused(
                    "5 tokens do not fit; the sequence is at position 0 of the model's context of 4",
                    model,
                    sequence,
                    new int[5],
                    0,
                    5,
                    HeapTensor.zeros(5, dim));
            Batch batch = new Batch();
            batch.add(sequence, new int[5], 0, 5, Batch.Wanted.NONE);
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> model.forward(batch, HeapTensor.zeros(0, dim)));
            assertTrue(e.getMessage().contains("5 tokens do not fit"), e.getMessage());
            assertEquals(0, sequence.length());
            model.append(sequence, new int[0], 0, 0, HeapTensor.zeros(0, dim));
            assertEquals(0, sequence.length());
        });
    }

    private static void refused(
            String message, Decoder model, Sequence sequence, int[] tokens, int begin, int end, HeapTensor hidden) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> model.append(sequence, tokens, begin, end, hidden));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @Test
    void aHugeContextCostsNothingUntilItIsUsed() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 16);
        tiny.metadata.put("llama.context_length", Integer.MAX_VALUE);
        with(tiny, 1, model -> {
            assertEquals(Integer.MAX_VALUE, model.plan().sizes().contextLength());
            assertEquals(3, Forwards.hidden(model, new int[] {1, 2, 3}, 3).rows());
        });
    }

    /** With plain loops: lanes are objects until their kernels are compiled, which says nothing about the layers. */
    @Test
    void decodeStepsAllocateAlmostNothing() throws IOException {
        TinyLlama tiny = new TinyLlama(TinyLlama.oddConfig(), true, 17);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        // One small record for each layer's attention; a tensor of any size would show.
        long allowed = 100L * tiny.config.layers();
        try (GgufFile file = GgufFile.open(tiny.write(folder.resolve("tiny.gguf")))) {
            Decoder model = LanguageModels.load(file, ComputeGrid.reference());
            int[] tokens = Forwards.tokens(120, tiny.config.vocabSize());
            HeapTensor row = HeapTensor.zeros(1, tiny.config.dim());
            Sequence sequence = model.newPool().newSequence();
            for (int t = 0; t < 20; t++) {
                model.append(sequence, tokens, t, t + 1, row);
            }
            // The table of angles doubles at position 64; the steps counted come before and after it.
            long bytes = 0;
            for (int t = 20; t < 120; t++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                model.append(sequence, tokens, t, t + 1, row);
                bytes += t == 64 ? 0 : threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertTrue(bytes <= 99 * allowed, bytes / 99 + " bytes a step");
        }
    }

    @Test
    void weightsAreReadFromTheRightPlace() throws IOException {
        // Two models that differ in one tensor only must differ in their logits: nothing is read twice or left out.
        ModelConfig config = new ModelConfig(12, 14, 4, 2, 6, 2, 20, 32, 1e-5f, 10000f, 6);
        int[] tokens = {3, 1, 4, 1, 5, 9, 2, 6};
        HeapTensor[] original = new HeapTensor[1];
        with(new TinyLlama(config, false, 18), 1, model -> original[0] = Forwards.logits(model, tokens));
        for (String name : new TinyLlama(config, false, 18).tensors.keySet()) {
            TinyLlama changed = new TinyLlama(config, false, 18);
            HeapTensor tensor = changed.tensors.get(name);
            HeapTensor other = TinyLlama.uniform(
                    new SplittableRandom(19), 1, tensor.shape().dims());
            changed.tensors.put(name, other);
            with(changed, 1, model -> {
                HeapTensor logits = Forwards.logits(model, tokens);
                assertTrue(!Arrays.equals(original[0].data(), logits.data()), name + " has no influence");
            });
        }
    }
}
