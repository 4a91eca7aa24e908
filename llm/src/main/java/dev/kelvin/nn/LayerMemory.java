// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

/**
 * Something that a layer keeps of a sequence. A layer may keep several of these, or share another layer's; a decoder
 * numbers them from 0 on, and a number is called a slot.
 */
public sealed interface LayerMemory {
    /**
     * Keys and values of each position.
     *
     * @param kvHeads key/value heads
     * @param keyDim elements of a key
     * @param valueDim elements of a value
     * @param window how many positions a row sees at most, its own included: what lies further back is given up
     */
    record KeysAndValues(int kvHeads, int keyDim, int valueDim, int window) implements LayerMemory {
        /** The window of layers that see the whole sequence. */
        public static final int ALL = Integer.MAX_VALUE;

        /** Checks the sizes. */
        public KeysAndValues {
            if (kvHeads < 1 || keyDim < 1 || valueDim < 1 || window < 1) {
                throw new IllegalArgumentException("KeysAndValues: all sizes must be positive, but kvHeads = " + kvHeads
                        + ", keyDim = " + keyDim + ", valueDim = " + valueDim + ", window = " + window);
            }
        }

        /** Keys and values of one width, all of them kept. */
        public static KeysAndValues of(int kvHeads, int headDim) {
            return new KeysAndValues(kvHeads, headDim, headDim, ALL);
        }
    }

    /**
     * A recurrent state, zeros at first.
     *
     * @param floats how many numbers it has
     */
    record State(int floats) implements LayerMemory {
        /** Checks the size. */
        public State {
            if (floats < 1) {
                throw new IllegalArgumentException("State: floats must be positive, but is " + floats);
            }
        }
    }
}
