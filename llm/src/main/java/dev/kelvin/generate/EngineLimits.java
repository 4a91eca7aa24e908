// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Decoder;
import dev.kelvin.tensor.DType;

/**
 * How much an {@link Engine} does at once. No answer depends on it, but for {@code kvType}.
 *
 * @param rows the most rows of one step, prompts and generation together, at least {@code sequences}
 * @param sequences the most sequences that are computed at the same time
 * @param queued the most requests that wait
 * @param kvBytes the most bytes of keys and values
 * @param kvType what keys and values are kept in: F32, F16 or Q8_0
 */
public record EngineLimits(int rows, int sequences, int queued, long kvBytes, DType kvType) {
    /** What suits one machine and a few users. */
    public static final EngineLimits STANDARD = new EngineLimits(Decoder.PIECE, 16, 256, Long.MAX_VALUE, DType.F32);

    /** Checks the numbers. */
    public EngineLimits {
        if (sequences < 1 || rows < sequences || queued < 1 || kvBytes < 1) {
            throw new IllegalArgumentException("engine: limits must be positive and rows at least sequences, but are "
                    + rows + " rows, " + sequences + " sequences, " + queued + " queued, " + kvBytes + " bytes");
        }
    }

    /** The same with other numbers of rows and sequences. */
    public EngineLimits with(int rows, int sequences) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType);
    }

    /** The same with another queue. */
    public EngineLimits withQueued(int queued) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType);
    }

    /** The same with another memory for keys and values. */
    public EngineLimits withKeysAndValues(long kvBytes, DType kvType) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType);
    }
}
