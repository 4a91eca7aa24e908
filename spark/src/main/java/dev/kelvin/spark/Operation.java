// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** What can be made of a text. */
enum Operation {
    /** An answer, or the text's continuation. */
    GENERATE("kelvin_generate", "generated", DataTypes.StringType, true) {
        @Override
        TextWork on(SharedModel model, AnswerSpec answer) {
            model.requireWriter("generate");
            return answer.chat() == null ? new PlainAnswers(model, answer) : new ChatAnswers(model, answer);
        }
    },
    /** A vector of length 1. */
    EMBED("kelvin_embed", "embedding", DataTypes.createArrayType(DataTypes.FloatType, false), false) {
        @Override
        TextWork on(SharedModel model, AnswerSpec answer) {
            return Vectors.of(model);
        }
    },
    /** The logarithm of its probability. */
    SCORE("kelvin_score", "log_prob", DataTypes.DoubleType, false) {
        @Override
        TextWork on(SharedModel model, AnswerSpec answer) {
            model.requireWriter("score");
            return Scores.of(model);
        }
    };

    private final String function;
    private final String column;

    @SuppressWarnings("ImmutableEnumChecker") // Spark's types are, and do not say so
    private final DataType type;

    private final boolean draws;

    /** Tells ways to use a model apart. */
    private record Use(Operation operation, AnswerSpec answer) {}

    Operation(String function, String column, DataType type, boolean draws) {
        this.function = function;
        this.column = column;
        this.type = type;
        this.draws = draws;
    }

    /** The name of its function of SQL. */
    String function() {
        return function;
    }

    /** The name of its column, if nobody names another. */
    String column() {
        return column;
    }

    /** What its values are. */
    DataType type() {
        return type;
    }

    /** Whether anything is drawn, so that a row needs a key. */
    boolean draws() {
        return draws;
    }

    /**
     * A model that is ready for it.
     *
     * @param answer what is asked for
     * @throws IllegalStateException if the model cannot do it
     */
    TextWork ready(SharedModel model, AnswerSpec answer) {
        return model.prepared(new Use(this, answer), () -> on(model, answer));
    }

    /** Prepares a model for it. */
    abstract TextWork on(SharedModel model, AnswerSpec answer);
}
