// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;

/**
 * The intermediate rows of a layer, by slot. Layers of equal widths share them where nobody looks at them later; a
 * training run gives each layer its own, for the way back.
 */
public final class RowBuffers {
    private final RowBuffer[] slots;
    private final int first;

    /**
     * Makes empty buffers.
     *
     * @param widths elements of a row of each slot, see {@link Layer#widths}
     */
    public RowBuffers(int... widths) {
        first = 0;
        slots = new RowBuffer[widths.length];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new RowBuffer(widths[i]);
        }
    }

    private RowBuffers(RowBuffer[] slots, int first) {
        this.slots = slots;
        this.first = first;
    }

    /** The same buffers from a slot on, as those of a layer within a layer. */
    public RowBuffers from(int slot) {
        return new RowBuffers(slots, first + slot);
    }

    /** The rows of a slot, see {@link RowBuffer#rows}. */
    public HeapTensor rows(int slot, int rows) {
        return slots[first + slot].rows(rows);
    }
}
