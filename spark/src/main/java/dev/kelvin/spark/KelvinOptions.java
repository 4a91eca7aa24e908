// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spark;

import static dev.kelvin.generate.Kelvin.STANDARD;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.Temperature;
import java.io.Serializable;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What is asked of a model, the same for each row. Immutable, and safe for use by several threads; it travels to
 * executors with their tasks.
 */
public final class KelvinOptions implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ModelSpec model;
    private final AnswerSpec answer;
    private final RowSpec rows;

    private KelvinOptions(ModelSpec model, AnswerSpec answer, RowSpec rows) {
        this.model = model;
        this.answer = answer;
        this.rows = rows;
    }

    /**
     * Begins with a model.
     *
     * @param model the name of a file or folder that {@code SparkContext.addFile} distributes ({@code model.gguf}), or
     *     a path with a folder in it, under which each executor finds the model ({@code /mnt/models/model.gguf}): a
     *     GGUF file, or a folder of the hub
     * @throws IllegalArgumentException if it is blank
     */
    public static Builder builder(String model) {
        return new Builder(model);
    }

    ModelSpec model() {
        return model;
    }

    AnswerSpec answer() {
        return answer;
    }

    RowSpec rows() {
        return rows;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KelvinOptions that
                && model.equals(that.model)
                && answer.equals(that.answer)
                && rows.equals(that.rows);
    }

    @Override
    public int hashCode() {
        return Objects.hash(model, answer, rows);
    }

    @Override
    public String toString() {
        return model + " " + answer + " " + rows;
    }

    /** Collects options. What is not said has the value that its method names. For one thread at a time. */
    public static final class Builder {
        private final String model;
        private int threads;
        private int rowsAtOnce = 16;
        private long kvBytes;
        private Duration idle = Duration.ofMinutes(1);
        private int maxTokens = STANDARD.maxTokens();
        private long seed;
        private String samplers;
        private Float temperature;
        private List<String> stops = List.of();
        private String jsonSchema;
        private String grammar;
        private boolean chat;
        private String system;
        private String template;
        private LocalDateTime time;
        private String key;
        private String output;
        private ErrorPolicy errors = ErrorPolicy.FAIL;

        private Builder(String model) {
            if (model.isBlank()) {
                throw new IllegalArgumentException("kelvin: the model has no name");
            }
            this.model = model;
        }

        /** What with the row's key decides every draw; else 0. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /**
         * The column whose values are the rows' keys: texts, whole numbers, decimals, booleans or dates, each different
         * from the others if their rows are to have different draws. Else the text itself is the key, so that rows of
         * the same text get the same answer.
         */
        public Builder keyColumn(String column) {
            key = Objects.requireNonNull(column, "column");
            return this;
        }

        /** The most tokens of an answer; else 256. */
        public Builder maxTokens(int maxTokens) {
            this.maxTokens = maxTokens;
            return this;
        }

        /**
         * The temperature τ in [0, +∞] behind top-k 40, top-p 0.95 and min-p 0.05; else 0.8. 0 is always the most
         * probable token, +∞ draws from equal shares.
         */
        public Builder temperature(float temperature) {
            this.temperature = temperature;
            return this;
        }

        /**
         * A chain of samplers instead of the standard one and its temperature.
         *
         * @param samplers as {@link SamplerLanguage} has it: {@code top-k=40,temperature=0.8}
         */
        public Builder samplers(String samplers) {
            this.samplers = Objects.requireNonNull(samplers, "samplers");
            return this;
        }

        /** Texts that end an answer and are no part of it; else none. */
        public Builder stops(String... stops) {
            this.stops = List.of(stops);
            return this;
        }

        /** Answers are JSON of this schema (draft 2020-12, see {@link dev.kelvin.constraint.JsonSchema}). */
        public Builder jsonSchema(String schema) {
            jsonSchema = Objects.requireNonNull(schema, "schema");
            return this;
        }

        /** Answers are texts of this grammar (see {@link dev.kelvin.constraint.Gbnf}). */
        public Builder grammar(String gbnf) {
            grammar = Objects.requireNonNull(gbnf, "gbnf");
            return this;
        }

        /**
         * Texts are questions, asked by the model's chat template; else they are continued. What a model thinks before
         * its answer is no part of it.
         */
        public Builder chat() {
            chat = true;
            return this;
        }

        /** {@link #chat()} behind a text that sets the scene. */
        public Builder system(String text) {
            system = Objects.requireNonNull(text, "text");
            return chat();
        }

        /** {@link #chat()} by a template of one's own, in Jinja. */
        public Builder template(String jinja) {
            template = Objects.requireNonNull(jinja, "jinja");
            return chat();
        }

        /**
         * The time for templates that show one; else that at which the options are built. It is the same for each row
         * and each attempt.
         */
        public Builder time(LocalDateTime time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** The name of the new column; else {@code generated}, {@code embedding} or {@code log_prob}. */
        public Builder outputColumn(String column) {
            output = Objects.requireNonNull(column, "column");
            return this;
        }

        /** What becomes of rows that the model cannot take; else {@link ErrorPolicy#FAIL}. */
        public Builder errors(ErrorPolicy errors) {
            this.errors = Objects.requireNonNull(errors, "errors");
            return this;
        }

        /**
         * Threads that compute in each executor, for all of its tasks together; 0, and if nothing is said, for as many
         * as it has cores. No result depends on it.
         */
        public Builder threads(int threads) {
            this.threads = threads;
            return this;
        }

        /**
         * How many rows an executor computes together, and a task has on their way; else 16. More of them take more
         * memory. No result depends on it.
         */
        public Builder rowsAtOnce(int rows) {
            rowsAtOnce = rows;
            return this;
        }

        /**
         * The most bytes of keys and values of the texts that an executor computes; 0, and if nothing is said, for half
         * of what its heap has left. A row that does not fit alone fails its task: no answer is shorter for it.
         */
        public Builder kvMemory(long bytes) {
            kvBytes = bytes;
            return this;
        }

        /** How long an executor keeps a model open that no task uses; else a minute. */
        public Builder idle(Duration idle) {
            this.idle = Objects.requireNonNull(idle, "idle");
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if a number is out of its range, samplers, schema, grammar or template are
         *     malformed, or two options contradict each other; it says which
         */
        public KelvinOptions build() {
            require(threads >= 0, "threads must not be negative, but are " + threads);
            require(rowsAtOnce > 0, "rowsAtOnce must be positive, but is " + rowsAtOnce);
            require(kvBytes >= 0, "kvMemory must not be negative, but is " + kvBytes);
            require(!idle.isNegative(), "idle must not be negative, but is " + idle);
            require(jsonSchema == null || grammar == null, "an answer has a schema or a grammar, not both");
            require(samplers == null || temperature == null, "a chain of samplers has its own temperature");
            ChatSpec question = chat
                    ? new ChatSpec(system, template, time == null ? LocalDateTime.now(ZoneId.systemDefault()) : time)
                    : null;
            String chain = samplers == null ? standard() : samplers;
            AnswerSpec answer =
                    new AnswerSpec(maxTokens, seed, chain, stops, new TextForm(jsonSchema, grammar), question);
            answer.check();
            return new KelvinOptions(
                    new ModelSpec(model, threads, rowsAtOnce, kvBytes, idle), answer, new RowSpec(key, output, errors));
        }

        /** The standard chain at the temperature that was asked for. */
        private String standard() {
            return STANDARD.samplers().stream()
                    .map(this::heated)
                    .map(SamplerLanguage::text)
                    .collect(Collectors.joining(","));
        }

        private Sampler heated(Sampler sampler) {
            return sampler instanceof Temperature && temperature != null ? new Temperature(temperature) : sampler;
        }

        private static void require(boolean holds, String what) {
            if (!holds) {
                throw new IllegalArgumentException("kelvin: " + what);
            }
        }
    }
}
