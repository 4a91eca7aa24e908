// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.SharedData;
import dev.kelvin.format.GgufFile;
import dev.kelvin.nn.Decoder;
import dev.kelvin.ops.Compute;
import dev.kelvin.ops.ComputeGrid;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real model stories260K against an independent float64 computation of its logits. */
class StoriesModelTest {
    private static final double TOLERANCE = 2e-4;

    private static int[] greedyInputs(List<String> rows) {
        return rows.stream()
                .mapToInt(row -> Integer.parseInt(row.split("\t", -1)[1]))
                .toArray();
    }

    @Test
    void logitsAgreeWithTheSummaryOfEachPosition() throws IOException {
        Path model = SharedData.require("stories260K/stories260K.gguf");
        List<String> lines = Files.readAllLines(SharedData.require("stories260K/greedy200-summary.tsv"));
        assertEquals("pos\tin_id\targmax\tmax_logit\tmargin\tlogsumexp", lines.getFirst());
        List<String> rows = lines.subList(1, lines.size());
        assertEquals(200, rows.size());
        int[] inputs = greedyInputs(rows);
        try (Compute compute = Compute.start(2);
                GgufFile file = GgufFile.open(model)) {
            HeapTensor logits = Forwards.logits(LanguageModels.load(file, compute), inputs);
            double worst = 0;
            for (int t = 0; t < rows.size(); t++) {
                String[] expected = rows.get(t).split("\t", -1);
                HeapTensor row = logits.rowRange(t, t + 1);
                assertEquals(Integer.parseInt(expected[2]), compute.logits().argmax(row), "argmax at position " + t);
                double[] actual = summary(row, compute.logits().argmax(row));
                for (int column = 0; column < 3; column++) {
                    double error = Math.abs(actual[column] - Double.parseDouble(expected[3 + column]));
                    worst = Math.max(worst, error);
                    assertTrue(error <= TOLERANCE, "position " + t + ", column " + column + ": error " + error);
                }
            }
            System.out.printf("stories260K: worst error of 600 logit summaries %.2e%n", worst);
        }
    }

    /** The largest logit, its margin to the second, and log-sum-exp. */
    private static double[] summary(HeapTensor row, int argmax) {
        double max = row.data()[row.offset() + argmax];
        double second = Double.NEGATIVE_INFINITY;
        double sum = 0;
        for (int id = 0; id < row.columns(); id++) {
            double logit = row.data()[row.offset() + id];
            sum += Math.exp(logit - max);
            if (id != argmax) {
                second = Math.max(second, logit);
            }
        }
        return new double[] {max, max - second, max + Math.log(sum)};
    }

    @Test
    void prefillStepsThreadsAndLaneWidthsGiveTheSameBits() throws IOException {
        Path path = SharedData.require("stories260K/stories260K.gguf");
        int[] tokens = Forwards.tokens(512, 512);
        HeapTensor expected;
        try (Compute compute = Compute.serial();
                GgufFile file = GgufFile.open(path)) {
            expected = Forwards.hidden(LanguageModels.load(file, compute), tokens, 1);
        }
        for (int threads = 1; threads <= 3; threads++) {
            try (Compute compute = Compute.start(threads);
                    GgufFile file = GgufFile.open(path)) {
                Decoder model = LanguageModels.load(file, compute);
                for (int piece : new int[] {512, 100, 33}) {
                    Forwards.assertSameBits(
                            expected, Forwards.hidden(model, tokens, piece), threads + " threads, pieces of " + piece);
                }
            }
        }
        int[] some = Arrays.copyOf(tokens, 100);
        for (ComputeGrid.Point point : ComputeGrid.points()) {
            try (GgufFile file = GgufFile.open(path)) {
                Decoder model = LanguageModels.load(file, point.compute());
                Forwards.assertSameBits(
                        expected.rowRange(0, some.length), Forwards.hidden(model, some, 77), point.toString());
            }
        }
    }
}
