// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kelvin.format.GgufFile;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LoadOptions;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns that a model makes, in one JVM. */
class KelvinTest {
    private static final int ROWS = 24;
    private static final int TOKENS = 16;

    @TempDir
    static Path folder;

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start();
        spark.sparkContext().addFile(Models.STORIES.toString());
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static KelvinOptions.Builder stories() {
        return Prompts.options("stories.gguf", TOKENS, 5);
    }

    private static Dataset<Row> texts(String... texts) {
        List<Row> rows = IntStream.range(0, texts.length)
                .mapToObj(i -> RowFactory.create((long) i, texts[i]))
                .toList();
        return spark.createDataFrame(rows, Prompts.SCHEMA).coalesce(1);
    }

    @Test
    void anyNumberOfPartitionsGivesTheBytesOfOneModelAlone() throws IOException {
        Map<Long, String> expected = Prompts.alone(ROWS, TOKENS, 5);
        assertEquals(ROWS, new HashSet<>(expected.values()).size(), "each key has draws of its own");
        for (int partitions : new int[] {1, 3, 8}) {
            Dataset<Row> rows = Prompts.rows(spark, ROWS).repartition(partitions);
            assertEquals(
                    expected,
                    Prompts.texts(Kelvin.generate(rows, "prompt", stories().build()), "generated"),
                    partitions + " partitions");
        }
    }

    @Test
    void noBitDependsOnThreadsOrRowsInCompany() throws IOException {
        Map<Long, String> expected = Prompts.alone(8, TOKENS, 6);
        KelvinOptions options = Prompts.options(Models.STORIES.toString(), TOKENS, 6)
                .threads(2)
                .rowsAtOnce(3)
                .kvMemory(64L << 20)
                .build();
        assertEquals(expected, Prompts.texts(Kelvin.generate(Prompts.rows(spark, 8), "prompt", options), "generated"));
    }

    @Test
    void rowsKeepTheirOrderAndTheirColumns() {
        StructType schema = Prompts.SCHEMA.add("more", DataTypes.createArrayType(DataTypes.StringType));
        List<Row> rows = IntStream.range(0, ROWS)
                .mapToObj(i -> RowFactory.create((long) i, Prompts.text(i), new String[] {"a" + i, null}))
                .toList();
        List<Row> wider = Kelvin.generate(
                        spark.createDataFrame(rows, schema).coalesce(1),
                        "prompt",
                        stories()
                                .maxTokens(2)
                                .rowsAtOnce(5)
                                .outputColumn("answer")
                                .build())
                .collectAsList();
        assertEquals(
                List.of("id", "prompt", "more", "answer"),
                List.of(wider.getFirst().schema().fieldNames()));
        for (int i = 0; i < ROWS; i++) {
            assertEquals(i, wider.get(i).getLong(0));
            assertEquals(Arrays.asList("a" + i, null), wider.get(i).getList(2));
        }
    }

    @Test
    void withoutAColumnOfKeysTheTextIsTheKey() {
        KelvinOptions options =
                KelvinOptions.builder("stories.gguf").maxTokens(TOKENS).build();
        List<Row> rows = Kelvin.generate(texts("One day", "The fox", "One day"), "prompt", options)
                .collectAsList();
        assertEquals(rows.get(0).getString(2), rows.get(2).getString(2));
        Map<Long, String> keyed = Prompts.texts(
                Kelvin.generate(texts("One day", "One day"), "prompt", stories().build()), "generated");
        assertNotEquals(keyed.get(0L), keyed.get(1L));
    }

    @Test
    void theSeedAndBothLimitsOfTemperatureDecide() {
        Dataset<Row> rows = texts("Once upon a time", "Once upon a time");
        Set<List<String>> greedy = new HashSet<>();
        Set<List<String>> drawn = new HashSet<>();
        Set<List<String>> uniform = new HashSet<>();
        for (long seed : new long[] {1, 2}) {
            greedy.add(answers(rows, stories().seed(seed).temperature(0)));
            drawn.add(answers(rows, stories().seed(seed)));
            uniform.add(answers(rows, stories().seed(seed).temperature(Float.POSITIVE_INFINITY)));
        }
        assertEquals(1, greedy.size());
        assertEquals(1, new HashSet<>(greedy.iterator().next()).size());
        assertEquals(2, drawn.size());
        assertEquals(2, uniform.size());
        assertTrue(Collections.disjoint(drawn, uniform));
    }

    private static List<String> answers(Dataset<Row> rows, KelvinOptions.Builder options) {
        return List.copyOf(Prompts.texts(Kelvin.generate(rows, "prompt", options.build()), "generated")
                .values());
    }

    @Test
    void stopsSamplersAndGrammarsAreKept() throws IOException {
        Dataset<Row> rows = texts("Once upon a time", "One day");
        KelvinOptions.Builder first =
                KelvinOptions.builder("stories.gguf").maxTokens(TOKENS).samplers("top-k=1,temperature=9");
        List<String> whole = answers(rows, first);
        assertEquals(answers(rows, stories().temperature(0)), whole);
        String stop = whole.getFirst().substring(4, 7);
        String stopped = answers(rows, first.stops(stop)).getFirst();
        assertTrue(whole.getFirst().startsWith(stopped) && !stopped.contains(stop), stopped);
        for (String answer : answers(rows, stories().grammar("root ::= \" the \" [a-z]+ \".\""))) {
            assertTrue(answer.matches(" the [a-z]*\\.?"), answer);
        }
        String schema = "{\"enum\": [\"red\", \"blue\"]}";
        for (String answer : answers(rows, stories().jsonSchema(schema).maxTokens(60))) {
            assertTrue(List.of("red", "blue").contains(JsonReader.read(answer)), answer);
        }
    }

    @Test
    void aQuestionIsAskedByTheTemplateAtATimeThatStandsStill() {
        KelvinOptions.Builder options = stories()
                .system("Once upon")
                .template("{% for m in messages %}{{ m.content }} {% endfor %}{{ strftime_now('%B') }}")
                .time(LocalDateTime.of(2001, 2, 3, 4, 5))
                .temperature(0);
        List<String> asked = answers(texts("a time"), options);
        List<String> continued =
                answers(texts("Once upon a time February"), stories().temperature(0));
        assertEquals(continued, asked);
        assertNotEquals(
                continued, answers(texts("Once upon a time June"), stories().temperature(0)));
    }

    @Test
    void vectorsAreThoseOfTheModelAlone() throws IOException {
        Path file = Models.writeVectors(folder.resolve("vectors.gguf"));
        String[] texts = IntStream.range(0, 40)
                .mapToObj(i -> "abcdefgh".repeat(1 + i % 5).substring(i % 8))
                .toArray(String[]::new);
        vectorsAreThoseOf(file, texts);
    }

    @Test
    void anEncoderMakesVectorsAndNothingElse() throws IOException {
        Path file = Models.shared("architectures/bert-mean.gguf");
        vectorsAreThoseOf(file, "a dog", "a puppy", "the sea");
        KelvinOptions options = KelvinOptions.builder(file.toString()).build();
        Exception e = assertThrows(Exception.class, () -> Kelvin.generate(texts("a dog"), "prompt", options)
                .collectAsList());
        assertTrue(messages(e).contains("the model is an encoder"), messages(e));
    }

    private static void vectorsAreThoseOf(Path file, String... texts) throws IOException {
        KelvinOptions options = KelvinOptions.builder(file.toString()).build();
        List<Row> rows = Kelvin.embed(texts(texts).repartition(3), "prompt", options)
                .orderBy("id")
                .collectAsList();
        try (dev.kelvin.generate.Kelvin model = dev.kelvin.generate.Kelvin.open(file)) {
            for (int i = 0; i < texts.length; i++) {
                List<Float> vector = rows.get(i).getList(2);
                float[] actual = new float[vector.size()];
                for (int j = 0; j < actual.length; j++) {
                    actual[j] = vector.get(j);
                }
                assertArrayEquals(model.embed(texts[i]), actual, texts[i]);
            }
        }
    }

    @Test
    void aScoreIsTheSumOfLogProbabilities() throws IOException {
        String[] texts = {"Once upon a time, there was a small dog.", "time a upon Once", "A"};
        List<Row> rows = Kelvin.score(
                        texts(texts),
                        "prompt",
                        KelvinOptions.builder("stories.gguf").build())
                .collectAsList();
        try (OpenModel model = OpenModel.of(GgufFile.open(Models.STORIES), Compute.start(1), LoadOptions.QUIET)) {
            for (int i = 0; i < texts.length; i++) {
                int[] ids = Tokenizers.promptIds(model.tokenizer(), texts[i]);
                double expected = 0;
                for (int t = 1; t < ids.length; t++) {
                    expected += logProb(model.nextLogits(Arrays.copyOf(ids, t)), ids[t]);
                }
                assertEquals(expected, rows.get(i).getDouble(2), 1e-3, texts[i]);
            }
        }
        assertTrue(rows.get(0).getDouble(2) / 10 > rows.get(1).getDouble(2) / 4, "a story is likelier than a jumble");
    }

    private static double logProb(float[] logits, int id) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        return logits[id] - largest - Math.log(sum);
    }

    @Test
    void aRowThatCannotBeTakenSaysWhyOrFails() {
        String tooLong = "Once upon a time ".repeat(2000);
        Dataset<Row> rows = texts("One day", tooLong, null, "One day");
        List<Row> told = Kelvin.generate(
                        rows, "prompt", stories().errors(ErrorPolicy.COLUMN).build())
                .collectAsList();
        assertNull(told.get(1).get(2));
        assertTrue(told.get(1).getString(3).contains("context"), told.get(1).getString(3));
        assertNull(told.get(2).get(2));
        for (int i : new int[] {0, 2, 3}) {
            assertNull(told.get(i).get(3));
        }
        assertFalse(told.get(3).getString(2).isEmpty());
        Exception e = assertThrows(
                Exception.class,
                () -> Kelvin.generate(rows, "prompt", stories().build()).collectAsList());
        assertTrue(messages(e).contains("context"), messages(e));
        Dataset<Row> keyless =
                texts("One day").withColumn("id", functions.lit(null).cast("string"));
        KelvinOptions tells = stories().errors(ErrorPolicy.COLUMN).build();
        Row nameless = Kelvin.generate(keyless, "prompt", tells).collectAsList().getFirst();
        assertTrue(nameless.getString(3).contains("key is null"), nameless.getString(3));
        Row scored = Kelvin.score(keyless, "prompt", tells).collectAsList().getFirst();
        assertTrue(scored.getDouble(2) < 0 && scored.isNullAt(3), "what draws nothing needs no key");
    }

    @Test
    void memoryThatIsTooSmallFailsAndShortensNothing() {
        KelvinOptions options = stories().maxTokens(200).kvMemory(100_000).build();
        Exception e = assertThrows(Exception.class, () -> Kelvin.generate(texts("One day"), "prompt", options)
                .collectAsList());
        assertTrue(messages(e).contains("kvMemory"), messages(e));
    }

    @Test
    void whatCannotBeAskedIsRefusedBeforeAnyJob() {
        Dataset<Row> rows = texts("One day").withColumn("time", functions.current_timestamp());
        refused(
                "no column nothing",
                () -> Kelvin.score(rows, "nothing", stories().build()));
        refused("holds no texts", () -> Kelvin.score(rows, "id", stories().build()));
        refused(
                "holds no keys",
                () -> Kelvin.generate(
                        rows, "prompt", stories().keyColumn("time").build()));
        refused(
                "already",
                () -> Kelvin.score(rows, "prompt", stories().outputColumn("id").build()));
        refused("neither", () -> Kelvin.register(spark, stories().build()));
    }

    private static void refused(String message, Runnable action) {
        Exception e = assertThrows(IllegalArgumentException.class, action::run);
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    /** The messages of an exception and its causes: Spark wraps what a task throws. */
    private static String messages(Throwable e) {
        StringBuilder messages = new StringBuilder();
        for (Throwable each = e; each != null; each = each.getCause()) {
            messages.append(each.getMessage()).append('\n');
        }
        return messages.toString();
    }
}
