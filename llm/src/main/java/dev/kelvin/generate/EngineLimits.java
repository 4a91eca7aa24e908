// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.model.SystemMemory;
import dev.kelvin.nn.Decoder;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.KvPage;

/**
 * How much an {@link Engine} does at once. No answer depends on it, but for {@code kvType}.
 *
 * @param rows the most rows of one step, prompts and generation together, at least {@code sequences}
 * @param sequences the most sequences that are computed at the same time
 * @param queued the most requests that wait
 * @param kvBytes the most bytes of keys and values, those of texts that were answered among them; 0 for half of what
 *     heap and machine have left when the engine is made
 * @param kvType what keys and values are kept in: F32, F16 or Q8_0
 * @param prefixCache whether what was computed is kept for texts that begin alike, as long as nobody needs the memory
 * @param delayNanos how much longer prompts may make a step while answers are generated, in ns; at least 1. The first
 *     steps find out what rows cost, and 8 rows prompts get always
 * @param draft the most tokens that are guessed in a step, of all answers together, at most 64; 0 for none. They are
 *     guessed from the text itself, so that one that repeats itself is made sooner, or by the model that
 *     {@link OpenModel#guessWith} has given
 */
public record EngineLimits(
        int rows,
        int sequences,
        int queued,
        long kvBytes,
        DType kvType,
        boolean prefixCache,
        long delayNanos,
        int draft) {
    /** The most tokens of a draft: the memory of a window keeps one page more than it sees, so that many go back. */
    public static final int MOST_DRAFT = KvPage.POSITIONS;

    /** What suits one machine and a few users. */
    public static final EngineLimits STANDARD =
            new EngineLimits(Decoder.PIECE, 16, 256, 0, DType.F32, true, 500_000_000, 0);

    /** Checks the numbers. */
    public EngineLimits {
        if (sequences < 1 || rows < sequences || queued < 1 || kvBytes < 0 || delayNanos < 1) {
            throw new IllegalArgumentException("engine: limits must be positive and rows at least sequences, but are "
                    + rows + " rows, " + sequences + " sequences, " + queued + " queued, " + kvBytes + " bytes, "
                    + delayNanos + " ns");
        }
        if (draft < 0 || draft > MOST_DRAFT) {
            throw new IllegalArgumentException(
                    "engine: a draft has 0 to " + MOST_DRAFT + " tokens, but is to have " + draft);
        }
    }

    /**
     * The most bytes of keys and values that an engine would have which is made now: {@link #kvBytes}, or half of what
     * is left where that is 0.
     */
    public long bytes() {
        if (kvBytes > 0) {
            return kvBytes;
        }
        Runtime heap = Runtime.getRuntime();
        long left = heap.maxMemory() - (heap.totalMemory() - heap.freeMemory());
        return Math.max(1, Math.min(left, SystemMemory.free().orElse(left)) / 2);
    }

    /** The same with other numbers of rows and sequences. */
    public EngineLimits with(int rows, int sequences) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType, prefixCache, delayNanos, draft);
    }

    /** The same with another queue. */
    public EngineLimits withQueued(int queued) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType, prefixCache, delayNanos, draft);
    }

    /** The same with another memory for keys and values. */
    public EngineLimits withKeysAndValues(long kvBytes, DType kvType) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType, prefixCache, delayNanos, draft);
    }

    /** The same with or without a memory for texts that begin alike. */
    public EngineLimits withPrefixCache(boolean prefixCache) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType, prefixCache, delayNanos, draft);
    }

    /** The same with another delay of answers by prompts, in ns. */
    public EngineLimits withDelay(long delayNanos) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType, prefixCache, delayNanos, draft);
    }

    /** The same with another number of tokens that are guessed. */
    public EngineLimits withDraft(int draft) {
        return new EngineLimits(rows, sequences, queued, kvBytes, kvType, prefixCache, delayNanos, draft);
    }
}
