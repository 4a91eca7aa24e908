// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import dev.kelvin.nn.Decoder;
import dev.kelvin.nn.KvPool;
import dev.kelvin.tensor.DType;
import dev.kelvin.tensor.KvPage;

/**
 * The memory of a model and of the one that guesses for it, so much each that both have room for the same texts.
 *
 * @param draft null where there is none
 */
record EngineMemory(KvPool model, KvPool draft) {
    /**
     * Divides what an engine may have.
     *
     * @param draft null where there is none
     * @param type of keys and values
     * @param bytes the most there may be
     */
    static EngineMemory of(Decoder model, Decoder draft, DType type, long bytes) {
        if (draft == null) {
            return new EngineMemory(KvPool.open(model.memory(), type, bytes), null);
        }
        double mine = KvPool.bytes(model.memory(), type, KvPage.POSITIONS);
        double theirs = KvPool.bytes(draft.memory(), type, KvPage.POSITIONS);
        long guesses = (long) (bytes * (theirs / (mine + theirs)));
        return new EngineMemory(
                KvPool.open(model.memory(), type, bytes - guesses), KvPool.open(draft.memory(), type, guesses));
    }

    /** Pages that sequences hold. */
    int usedPages() {
        return model.usedPages() + (draft == null ? 0 : draft.usedPages());
    }

    /** Bytes of pages and states that sequences hold. */
    long usedBytes() {
        return model.usedBytes() + (draft == null ? 0 : draft.usedBytes());
    }

    /** The most bytes of pages and states. */
    long limitBytes() {
        return model.limitBytes() + (draft == null ? 0 : draft.limitBytes());
    }
}
