// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tasks that fail, are killed, or want no more. */
class FaultsTest {
    private static final int ROWS = 16;
    private static final int TOKENS = 16;
    private static final AtomicInteger FAILURES = new AtomicInteger();

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static KelvinOptions options(int tokens) {
        return Prompts.options(Models.STORIES.toString(), tokens, 11).build();
    }

    /** Rows of which each task's third fails at the first two attempts. */
    private static Iterator<Row> failing(Iterator<Row> rows) {
        int attempt = TaskContext.get().attemptNumber();
        return new Iterator<>() {
            private int taken;

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Row next() {
                if (++taken == 3 && attempt < 2) {
                    FAILURES.incrementAndGet();
                    throw new IllegalStateException("a row that fails at attempt " + attempt);
                }
                return rows.next();
            }
        };
    }

    @Test
    void aTaskThatIsTriedAgainGivesTheSameBytes() throws IOException {
        FAILURES.set(0);
        Dataset<Row> rows = Prompts.rows(spark, ROWS)
                .repartition(3)
                .mapPartitions((MapPartitionsFunction<Row, Row>) FaultsTest::failing, Encoders.row(Prompts.SCHEMA));
        assertEquals(
                Prompts.alone(ROWS, TOKENS, 11),
                Prompts.texts(Kelvin.generate(rows, "prompt", options(TOKENS)), "generated"));
        assertEquals(6, FAILURES.get(), "three tasks, two failures each");
        await(() -> SharedModels.HERE.leases() == 0);
    }

    @Test
    void aTaskThatWantsNoMoreGivesTheModelBack() throws IOException {
        Map<Long, String> expected = Prompts.alone(2, TOKENS, 11);
        Dataset<Row> two = Kelvin.generate(Prompts.rows(spark, 500).coalesce(1), "prompt", options(TOKENS))
                .limit(2);
        assertEquals(expected, Prompts.texts(two, "generated"));
        await(() -> SharedModels.HERE.leases() == 0);
    }

    @Test
    void aJobThatIsCancelledEndsWithItsAnswers() throws InterruptedException {
        for (boolean interrupt : new boolean[] {true, false}) {
            CompletableFuture<Void> job = CompletableFuture.runAsync(() -> {
                spark.sparkContext().setJobGroup("long", "an hour's work", interrupt);
                var _ = Kelvin.generate(Prompts.rows(spark, 10_000), "prompt", options(200))
                        .collectAsList();
            });
            await(() -> SharedModels.HERE.leases() > 0);
            spark.sparkContext().cancelJobGroup("long");
            ExecutionException e = assertThrows(ExecutionException.class, job::get);
            assertTrue(e.getMessage().contains("cancel"), e.getMessage());
            await(() -> SharedModels.HERE.leases() == 0);
        }
    }

    private static void await(BooleanSupplier holds) {
        for (int i = 0; i < 300 && !holds.getAsBoolean(); i++) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        assertTrue(holds.getAsBoolean());
    }
}
