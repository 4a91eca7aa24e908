// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The functions of SQL give what the columns give. */
class SqlTest {
    private static final int ROWS = 12;
    private static final int TOKENS = 12;

    @TempDir
    static Path folder;

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        Prompts.rows(spark, ROWS).repartition(3).createOrReplaceTempView("t");
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static KelvinOptions.Builder options(Path model) {
        return KelvinOptions.builder(model.toString()).seed(5).maxTokens(TOKENS).temperature(Prompts.TEMPERATURE);
    }

    @Test
    void aFunctionGivesWhatAColumnGives() throws IOException {
        KelvinOptions options = options(Models.STORIES).build();
        Kelvin.register(spark, options);
        assertEquals(
                Prompts.texts(Kelvin.generate(spark.table("t"), "prompt", options), "generated"),
                Prompts.texts(spark.sql("SELECT id, kelvin_generate(prompt) AS g FROM t"), "g"));
        assertEquals(
                Prompts.alone(ROWS, TOKENS, 5),
                Prompts.texts(spark.sql("SELECT id, kelvin_generate_keyed(prompt, id) AS g FROM t"), "g"));
        assertEquals(
                doubles(
                        Kelvin.score(spark.table("t"), "prompt", options)
                                .orderBy("id")
                                .collectAsList(),
                        2),
                doubles(
                        spark.sql("SELECT id, kelvin_score(prompt) FROM t ORDER BY id")
                                .collectAsList(),
                        1));
    }

    private static List<Double> doubles(List<Row> rows, int column) {
        return rows.stream().map(row -> row.getDouble(column)).toList();
    }

    @Test
    void vectorsAreArrays() throws IOException {
        KelvinOptions options =
                options(Models.writeVectors(folder.resolve("vectors.gguf"))).build();
        Kelvin.register(spark, options);
        List<Row> rows = spark.sql("SELECT size(kelvin_embed('abc')), kelvin_embed(lower(prompt)) FROM t WHERE id = 1")
                .collectAsList();
        assertEquals(24, rows.getFirst().getInt(0));
        Row expected = Kelvin.embed(spark.sql("SELECT lower(prompt) AS p FROM t WHERE id = 1"), "p", options)
                .collectAsList()
                .getFirst();
        assertEquals("one day", expected.getString(0));
        assertEquals(expected.getList(1), rows.getFirst().getList(1));
    }

    @Test
    void nothingIsMadeOfNothing() {
        Kelvin.register(spark, options(Models.STORIES).build());
        Row row = spark.sql("SELECT kelvin_generate(NULL), kelvin_score(CAST(NULL AS STRING)),"
                        + " kelvin_generate_keyed('a', NULL) FROM t")
                .collectAsList()
                .getFirst();
        for (int i = 0; i < 3; i++) {
            assertNull(row.get(i));
        }
    }
}
