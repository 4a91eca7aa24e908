// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.Engine;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.DecoderShape;
import java.util.Optional;

/** What memory does not hold, told before the work begins, with its figures and with what gives more. */
final class MemoryForecast {
    private static final String MORE = " (KELVIN_JAVA_OPTS=-Xmx... gives Java more memory)";

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
        return Optional.of("there is memory for " + Numbers.grouped(room) + " of the "
                + Numbers.grouped(open.contextLength()) + " tokens that the model can hold: "
                + Numbers.bytes(engine.kvBytes()) + " for keys and values" + MORE);
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
