// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/**
 * How much more two executors of one core do than one. The ratio is printed, and means something where the machine does
 * nothing else: {@code -Dkelvin.quiet=true} says so, takes more rows, and wants 1.8.
 */
class ThroughputIT {
    private static final boolean QUIET = Boolean.getBoolean("kelvin.quiet");
    private static final int ROWS = QUIET ? 256 : 32;
    private static final int TOKENS = 128;

    @Test
    void twoExecutorsGiveTheAnswersOfOneSooner() throws IOException {
        Measured one = measure(1);
        Measured two = measure(2);
        assertEquals(one.answers(), two.answers());
        double ratio = one.seconds() / two.seconds();
        System.out.printf(
                "%d rows of %d tokens: one executor %.2f s, two %.2f s; ratio %.2f, on %d processors%n",
                ROWS,
                TOKENS,
                one.seconds(),
                two.seconds(),
                ratio,
                Runtime.getRuntime().availableProcessors());
        if (QUIET) {
            assertTrue(ratio >= 1.8, "the second executor does nearly as much as the first: " + ratio);
        }
    }

    private record Measured(Map<Long, String> answers, double seconds) {}

    private static Measured measure(int executors) throws IOException {
        try (SparkSession spark = SparkHome.cluster(executors).getOrCreate()) {
            var _ = answers(spark); // models are opened, loops compiled
            Measured best = null;
            for (int run = 0; run < (QUIET ? 3 : 1); run++) {
                long begin = System.nanoTime();
                Map<Long, String> answers = answers(spark);
                double seconds = (System.nanoTime() - begin) / 1e9;
                if (best == null || seconds < best.seconds()) {
                    best = new Measured(answers, seconds);
                }
            }
            return best;
        }
    }

    /** The same rows in eight tasks. */
    private static Map<Long, String> answers(SparkSession spark) {
        KelvinOptions options = KelvinOptions.builder(Models.STORIES.toString())
                .keyColumn("id")
                .maxTokens(TOKENS)
                .temperature(Prompts.TEMPERATURE)
                .build();
        return Prompts.texts(Kelvin.generate(Prompts.rows(spark, ROWS).repartition(8), "prompt", options), "generated");
    }
}
