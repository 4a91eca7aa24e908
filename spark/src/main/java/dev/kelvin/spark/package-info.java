// SPDX-License-Identifier: Apache-2.0
/**
 * A model over the rows of a Spark dataset.
 *
 * <p><b>Where to begin.</b> {@link dev.kelvin.spark.Kelvin} adds a column to a dataset:
 *
 * <pre>{@code
 * spark.sparkContext().addFile("model.gguf");
 * KelvinOptions options = KelvinOptions.builder("model.gguf").keyColumn("id").maxTokens(100).build();
 * Dataset<Row> answers = Kelvin.generate(questions, "prompt", options);
 * }</pre>
 *
 * <p>What a row gets is a pure function of the model, the options and the row itself: the same bytes on any number of
 * partitions, executors and threads, at a second attempt, and in whatever company.
 */
package dev.kelvin.spark;
