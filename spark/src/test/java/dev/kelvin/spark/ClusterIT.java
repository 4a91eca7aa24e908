// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two executors in JVMs of their own give the bytes of one model alone, whatever happens to them. */
class ClusterIT {
    private static final int ROWS = 32;
    private static final int TOKENS = 48;
    private static final long SEED = 21;

    private static SparkSession spark;
    private static Map<Long, String> expected;

    @BeforeAll
    static void start() throws IOException {
        expected = Prompts.alone(ROWS, TOKENS, SEED);
        // Else files of the context do not reach the tasks of datasets.
        spark = SparkHome.cluster(2)
                .config("spark.sql.artifact.isolation.enabled", false)
                .getOrCreate();
        spark.sparkContext().addFile(Models.STORIES.toString());
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Map<Long, String> answers(int partitions) {
        Dataset<Row> rows = Prompts.rows(spark, ROWS).repartition(partitions);
        return Prompts.texts(
                Kelvin.generate(
                        rows,
                        "prompt",
                        Prompts.options("stories.gguf", TOKENS, SEED).build()),
                "generated");
    }

    @Test
    void anyNumberOfPartitionsGivesTheSameBytes() {
        for (int partitions : new int[] {1, 3, 8}) {
            assertEquals(expected, answers(partitions), partitions + " partitions");
        }
    }

    @Test
    void bothExecutorsWorkAndEachHasACopyOfTheFile() {
        Set<String> executors = Prompts.rows(spark, ROWS)
                .repartition(8)
                .mapPartitions(
                        (MapPartitionsFunction<Row, String>) _ -> {
                            Thread.sleep(200); // so that no executor does all of them
                            return List.of(ProcessHandle.current().pid() + " " + SparkFiles.get("stories.gguf"))
                                    .iterator();
                        },
                        Encoders.STRING())
                .collectAsList()
                .stream()
                .collect(Collectors.toSet());
        assertEquals(2, executors.size(), "each with a copy of its own: " + executors);
    }

    @Test
    void anExecutorThatIsKilledInTheMiddleChangesNoByte() {
        TaskWatch watch = new TaskWatch(ClusterIT::killAnExecutor);
        spark.sparkContext().addSparkListener(watch);
        try {
            assertEquals(expected, answers(8));
            assertTrue(watch.removedExecutors.get() >= 1, "an executor went");
            assertTrue(watch.failed.get() >= 1, "and its task with it");
            System.out.println("killed in the middle: " + watch.succeeded + " tasks succeeded, " + watch.failed
                    + " were lost with their executor");
        } finally {
            spark.sparkContext().removeSparkListener(watch);
        }
    }

    /** Executors are the only JVMs that this one has started. */
    private static void killAnExecutor() {
        ProcessHandle executor = ProcessHandle.current()
                .children()
                .filter(child -> child.info().command().orElse("").endsWith("/java"))
                .findFirst()
                .orElseThrow();
        executor.destroyForcibly();
    }

    @Test
    void functionsOfSqlGiveTheSameBytes() {
        KelvinOptions options = KelvinOptions.builder("stories.gguf")
                .seed(SEED)
                .maxTokens(TOKENS)
                .temperature(Prompts.TEMPERATURE)
                .build();
        Kelvin.register(spark, options);
        Prompts.rows(spark, ROWS).repartition(4).createOrReplaceTempView("t");
        assertEquals(
                expected, Prompts.texts(spark.sql("SELECT id, kelvin_generate_keyed(prompt, id) AS g FROM t"), "g"));
    }

    /** The first attempt of a task loses its executor by its own hand, after it has made rows. */
    @Test
    void anExecutorThatEndsItselfChangesNoByte() {
        Dataset<Row> rows = Prompts.rows(spark, ROWS)
                .repartition(4)
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) each -> {
                            TaskContext task = TaskContext.get();
                            // What the executor had shuffled goes with it, and the stage is tried again.
                            boolean first = task.stageAttemptNumber() == 0 && task.attemptNumber() == 0;
                            return first && task.partitionId() == 1 ? new EndingRows(each, 3) : each;
                        },
                        Encoders.row(Prompts.SCHEMA));
        KelvinOptions options =
                Prompts.options("stories.gguf", TOKENS, SEED).rowsAtOnce(1).build();
        assertEquals(expected, Prompts.texts(Kelvin.generate(rows, "prompt", options), "generated"));
    }
}
