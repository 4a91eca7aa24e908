// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.model.Progress;
import dev.kelvin.tensor.HeapTensor;
import dev.kelvin.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Arrays;

/**
 * How well a model foretells a text, and how far it is from another: one number for each token of the second half of
 * each window.
 *
 * @param windows how many were scored
 * @param losses −ln p, in nats
 * @param baseLosses those of the base; null without one
 * @param divergences from the base's output distribution to the model's, in nats; null without a base
 * @param sameFirst the share of tokens where both would pick the same first; 0 without a base
 */
public record Perplexity(int windows, double[] losses, double[] baseLosses, double[] divergences, double sameFirst) {
    /**
     * A text in windows, each computed from an empty context.
     *
     * @param ids of the text, without BOS
     * @param length tokens of a window, the BOS included that the vocabulary may add; at least 4
     * @param count of windows, from the start of the text
     */
    public record Windows(int[] ids, int length, int count) {
        /** The first position that is scored. */
        private int begin() {
            return length / 2;
        }

        /** Positions of a window that are scored: the last has no token behind it. */
        private int scored() {
            return length - 1 - begin();
        }

        private int[] window(int number, Tokenizer tokenizer) {
            int bos = tokenizer.addsBos() ? 1 : 0;
            int[] window = new int[length];
            window[0] = tokenizer.bosId();
            System.arraycopy(ids, number * (length - bos), window, bos, length - bos);
            return window;
        }
    }

    /**
     * Scores windows.
     *
     * @param base another model of the same vocabulary; null for none
     * @param progress is told after each window
     * @throws IOException if the model's file describes no tokenizer
     */
    public static Perplexity measure(OpenModel model, OpenModel base, Windows windows, Progress progress)
            throws IOException {
        int begin = windows.begin();
        int scored = windows.scored();
        double[] losses = new double[windows.count() * scored];
        double[] baseLosses = base == null ? null : new double[losses.length];
        double[] divergences = base == null ? null : new double[losses.length];
        int[] same = new int[1];
        HeapTensor wanted = HeapTensor.zeros(base == null ? 1 : scored, model.vocabSize());
        for (int number = 0; number < windows.count(); number++) {
            int[] window = windows.window(number, model.tokenizer());
            int first = number * scored;
            if (base != null) {
                base.eachPosition(window, (position, logits) -> {
                    if (position >= begin && position < window.length - 1) {
                        int at = (position - begin) * logits.columns();
                        System.arraycopy(logits.data(), logits.offset(), wanted.data(), at, logits.columns());
                    }
                });
            }
            model.eachPosition(window, (position, logits) -> {
                if (position < begin || position == window.length - 1) {
                    return;
                }
                int at = first + position - begin;
                OutputDistribution actual = OutputDistribution.of(model.compute(), logits);
                losses[at] = -actual.logProb(window[position + 1]);
                if (base != null) {
                    OutputDistribution expected = OutputDistribution.of(
                            base.compute(), wanted.rowRange(position - begin, position - begin + 1));
                    baseLosses[at] = -expected.logProb(window[position + 1]);
                    divergences[at] = expected.divergence(actual);
                    same[0] += expected.first() == actual.first() ? 1 : 0;
                }
            });
            progress.at(number + 1, windows.count());
        }
        return new Perplexity(windows.count(), losses, baseLosses, divergences, (double) same[0] / losses.length);
    }

    /** The mean. */
    public static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    /** Of the mean, as if the tokens were independent. */
    public static double standardError(double[] values) {
        double mean = mean(values);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / values.length / Math.max(1, values.length - 1));
    }

    /** The smallest value that a share of all does not exceed. */
    public static double quantile(double[] values, double share) {
        double[] ascending = values.clone();
        Arrays.sort(ascending);
        return ascending[Math.max(0, (int) Math.ceil(share * ascending.length) - 1)];
    }
}
