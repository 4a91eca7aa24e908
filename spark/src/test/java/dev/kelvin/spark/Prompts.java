// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.generate.TextPiece;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Rows of beginnings, and what becomes of them when they are continued one by one, without Spark. */
final class Prompts {
    static final StructType SCHEMA =
            new StructType().add("id", DataTypes.LongType).add("prompt", DataTypes.StringType);

    /** The least that draws can go wrong with: not the most probable tokens alone. */
    static final float TEMPERATURE = 1.1f;

    private static final List<String> BEGINNINGS = List.of(
            "Once upon a time",
            "One day",
            "Lily and Tom",
            "There was a small",
            "The old fox",
            "In the garden",
            "A bird");

    private Prompts() {}

    /** The text of a row; some are the same. */
    static String text(long id) {
        return BEGINNINGS.get((int) (id % BEGINNINGS.size()));
    }

    /** Rows 0 to {@code count}. */
    static Dataset<Row> rows(SparkSession spark, int count) {
        List<Row> rows = new ArrayList<>();
        for (long id = 0; id < count; id++) {
            rows.add(RowFactory.create(id, text(id)));
        }
        return spark.createDataFrame(rows, SCHEMA);
    }

    /** What the rows' texts become, drawn by the keys of their ids, one after the other on one thread. */
    static Map<Long, String> alone(int count, int maxTokens, long seed) throws IOException {
        GenerateOptions options = new GenerateOptions(
                maxTokens, seed, List.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(TEMPERATURE)));
        Map<Long, String> answers = new TreeMap<>();
        try (Kelvin model = Kelvin.open(Models.STORIES, Compute.start(1), EngineLimits.STANDARD.with(256, 1))) {
            for (long id = 0; id < count; id++) {
                try (var pieces = model.stream(model.request(text(id), options).withSequence(RowKey.of(id)))) {
                    answers.put(id, pieces.map(TextPiece::text).collect(Collectors.joining()));
                }
            }
        }
        return answers;
    }

    /** The same by Spark. */
    static KelvinOptions.Builder options(String model, int maxTokens, long seed) {
        return KelvinOptions.builder(model)
                .keyColumn("id")
                .seed(seed)
                .maxTokens(maxTokens)
                .temperature(TEMPERATURE);
    }

    /** A column by id. */
    static Map<Long, String> texts(Dataset<Row> rows, String column) {
        Map<Long, String> texts = new TreeMap<>();
        for (Row row : rows.select("id", column).collectAsList()) {
            texts.put(row.getLong(0), row.getString(1));
        }
        return texts;
    }
}
