// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Adds what a model makes of a column of texts to a dataset.
 *
 * <p>Each JVM of executors opens the model once, for all of its tasks, and computes their rows together; each task has
 * a bounded number of rows on their way, and gives them back in their order. A null text stays null. Names of columns
 * are taken as they are, dots included. Nothing is computed before an action asks for it. Rejects null; for any thread.
 *
 * <p>The draw for a row is a function of the {@linkplain KelvinOptions.Builder#seed seed} and the row's key, which is
 * {@linkplain KelvinOptions.Builder#keyColumn a column} or, if none is named, the text itself.
 *
 * <p>Not to be taken for {@link dev.kelvin.generate.Kelvin}, a model in one JVM.
 */
public final class Kelvin {
    private Kelvin() {}

    /**
     * Continues texts, or answers them where the options say {@link KelvinOptions.Builder#chat chat}.
     *
     * @param column of texts
     * @return the dataset and a column of texts, called {@code generated} unless the options name it
     * @throws IllegalArgumentException if there is no such column of texts, no such key, or a column of the new one's
     *     name already
     */
    public static Dataset<Row> generate(Dataset<?> dataset, String column, KelvinOptions options) {
        return RowWork.append(dataset, column, Operation.GENERATE, options);
    }

    /**
     * Makes vectors of length 1 of texts.
     *
     * @param column of texts
     * @return the dataset and a column of arrays of float, as many as the model is wide, called {@code embedding}
     *     unless the options name it
     * @throws IllegalArgumentException as {@link #generate}
     */
    public static Dataset<Row> embed(Dataset<?> dataset, String column, KelvinOptions options) {
        return RowWork.append(dataset, column, Operation.EMBED, options);
    }

    /**
     * How probable a model finds texts, at τ = 1: the sum of the log-probabilities of their tokens, each behind those
     * before it. The first token has none unless the vocabulary puts one before it.
     *
     * @param column of texts
     * @return the dataset and a column of double, in nats, at most 0, called {@code log_prob} unless the options name
     *     it
     * @throws IllegalArgumentException as {@link #generate}
     */
    public static Dataset<Row> score(Dataset<?> dataset, String column, KelvinOptions options) {
        return RowWork.append(dataset, column, Operation.SCORE, options);
    }

    /**
     * Makes functions of SQL: {@code kelvin_generate(text)}, {@code kelvin_embed(text)}, {@code kelvin_score(text)},
     * and {@code kelvin_generate_keyed(text, key)}, whose draws are those of a key instead of the text. A null text or
     * key gives null.
     *
     * <p>Spark calls a function row by row, so that a task has one row on its way. Rows of the tasks of one executor
     * are computed together all the same; for few tasks with many rows, the methods above are faster.
     *
     * @throws IllegalArgumentException if the options name a column of keys or ask for errors in a column, neither of
     *     which a function has
     */
    public static void register(SparkSession spark, KelvinOptions options) {
        if (options.rows().key() != null || options.rows().errors() == ErrorPolicy.COLUMN) {
            throw new IllegalArgumentException(
                    "kelvin: a function of SQL has neither a column of keys nor one of errors:"
                            + " kelvin_generate_keyed takes a key, and a row that cannot be taken fails");
        }
        for (Operation operation : Operation.values()) {
            spark.udf().register(operation.function(), new TextFunction(operation, options), operation.type());
        }
        spark.udf()
                .register(
                        Operation.GENERATE.function() + "_keyed",
                        new KeyedTextFunction(options),
                        Operation.GENERATE.type());
    }
}
