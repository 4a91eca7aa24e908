// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.tensor.HeapTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A pass that keeps nothing: all branches use the same rows, and layers of equal widths the same buffers. */
final class InferencePass implements Pass {
    private final RowBuffer residual;
    private final RowBuffer normalised;
    private final RowBuffer update;
    private final RowBuffers[] kept;
    private int rows;
    private Context context;

    InferencePass(int dim, List<Layer> layers) {
        residual = new RowBuffer(dim);
        normalised = new RowBuffer(dim);
        update = new RowBuffer(dim);
        kept = new RowBuffers[layers.size()];
        Map<List<Integer>, RowBuffers> byWidths = new HashMap<>();
        for (int i = 0; i < kept.length; i++) {
            int[] widths = layers.get(i).widths();
            List<Integer> key = new ArrayList<>();
            for (int width : widths) {
                key.add(width);
            }
            kept[i] = byWidths.computeIfAbsent(key, _ -> new RowBuffers(widths));
        }
    }

    /** Turns to the next rows. */
    void begin(int rows, Context context) {
        this.rows = rows;
        this.context = context;
    }

    @Override
    public HeapTensor residual(int branch) {
        return residual.rows(rows);
    }

    @Override
    public HeapTensor normalised(int branch) {
        return normalised.rows(rows);
    }

    @Override
    public HeapTensor update() {
        return update.rows(rows);
    }

    @Override
    public RowBuffers kept(int branch) {
        return kept[branch];
    }

    @Override
    public Context context() {
        return context;
    }
}
