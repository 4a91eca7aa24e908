// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.Engine;
import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.DecoderShape;
import dev.kelvin.model.ModelSurvey;
import dev.kelvin.nn.KvPool;
import java.util.Optional;
import java.util.OptionalLong;

/** What memory does not hold, told before the work begins, with its figures and with what gives more. */
final class MemoryForecast {
    private static final String MORE = " (KELVIN_JAVA_OPTS=-Xmx... gives Java more memory)";

    private static final String MORE_SERVED = " (--kv-memory, or KELVIN_JAVA_OPTS=-Xmx..., gives more)";

    /** Value, gradient and two moments of a parameter. */
    private static final int TRAINED_BYTES = 4 * Float.BYTES;

    private MemoryForecast() {}

    /**
     * Whether memory will end a text before the model does.
     *
     * @param tokens that the text may have, prompt and answer
     * @return the sentence to tell
     */
    static Optional<String> ofText(Engine engine, OpenModel open, long tokens) {
        int room = engine.contextLength();
        if (room >= Math.min(tokens, open.contextLength())) {
            return Optional.empty();
        }
        return Optional.of(ofRoom(room, open.contextLength(), engine.kvBytes()) + MORE);
    }

    /**
     * Whether memory is too little to serve a model.
     *
     * @param limits how it would be served; keys and values of 0 bytes are as many as the engine chooses
     * @param least answers that must have room at the same time; 1 if nobody has asked for more
     * @param freeBytes what the process can still have of the machine or its container, if that is known
     * @return the sentence to refuse with
     */
    static Optional<String> ofServing(ModelSurvey survey, EngineLimits limits, int least, OptionalLong freeBytes) {
        if (!survey.obstacles().isEmpty()) {
            return Optional.empty(); // loading refuses it by name
        }
        long free = freeBytes.orElse(Long.MAX_VALUE);
        long weights = survey.weightBytes();
        if (weights > free) {
            return Optional.of("the weights take " + Numbers.bytes(weights) + ", and the machine or its container has "
                    + Numbers.bytes(free) + " left (kelvin quantize --type Q4_0 makes them smaller)");
        }
        if (limits.kvBytes() > free - weights) {
            return Optional.of("--kv-memory " + Numbers.bytes(limits.kvBytes()) + " and weights of "
                    + Numbers.bytes(weights) + " are more than the " + Numbers.bytes(free)
                    + " that the machine or its container has left: --kv-memory can be "
                    + Numbers.bytes(free - weights));
        }
        return ofAnswers(survey, limits, least);
    }

    private static Optional<String> ofAnswers(ModelSurvey survey, EngineLimits limits, int least) {
        if (!survey.plan().writes()) {
            return Optional.empty(); // an encoder keeps nothing of its texts
        }
        KvPool pool = KvPool.open(survey.memory(), limits.kvType(), limits.bytes());
        long page = KvPool.bytes(survey.memory(), limits.kvType(), 1);
        if (pool.positions(1) < 1) {
            return Optional.of(Numbers.bytes(pool.limitBytes()) + " of keys and values have no room for a text of this"
                    + " model, which begins with " + Numbers.bytes(page) + MORE_SERVED);
        }
        if (least > 1 && least > pool.limitBytes() / page) {
            return Optional.of("--parallel " + least + " answers begin with " + Numbers.bytes(page)
                    + " of keys and values each, and there are " + Numbers.bytes(pool.limitBytes()) + " for "
                    + pool.limitBytes() / page + MORE_SERVED);
        }
        return Optional.empty();
    }

    /**
     * Whether memory will end the texts of a server before the model does.
     *
     * @param limits as in {@link #ofServing}
     * @return the sentence to tell
     */
    static Optional<String> ofServedTexts(ModelSurvey survey, EngineLimits limits) {
        if (!survey.obstacles().isEmpty() || !survey.plan().writes()) {
            return Optional.empty();
        }
        int context = survey.plan().sizes().contextLength();
        KvPool pool = KvPool.open(survey.memory(), limits.kvType(), limits.bytes());
        int room = pool.positions(context);
        return room >= context ? Optional.empty() : Optional.of(ofRoom(room, context, pool.limitBytes()) + MORE_SERVED);
    }

    private static String ofRoom(int room, int context, long kvBytes) {
        return "there is memory for " + Numbers.grouped(room) + " of the " + Numbers.grouped(context)
                + " tokens that the model can hold: " + Numbers.bytes(kvBytes) + " for keys and values";
    }

    /**
     * Whether a model is too large to be trained.
     *
     * @param heapBytes that Java may have
     * @return the sentence to tell
     */
    static Optional<String> ofTraining(DecoderShape shape, long heapBytes) {
        long parameters;
        try {
            parameters = shape.parameterCount();
        } catch (ArithmeticException | IllegalArgumentException tooMany) {
            return Optional.empty(); // more than an array holds, which the trainer refuses by name
        }
        long needed = TRAINED_BYTES * parameters;
        if (needed < heapBytes) {
            return Optional.empty();
        }
        return Optional.of(Numbers.grouped(parameters) + " parameters with their gradients and moments take "
                + Numbers.bytes(needed) + ", and the heap of Java may have " + Numbers.bytes(heapBytes) + MORE);
    }
}
