// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.Sublayer;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Layers side by side, as {@link Parallel} describes them; their results are added up in their order. */
final class ParallelLayer implements Layer {
    private static final int INPUT = 0;
    private static final int RESULT = 1;
    /** The first slot of the first part; those of the others follow. */
    private static final int PARTS = 2;

    /** A part of the sum. */
    private record Part(NormLayer before, Layer layer, NormLayer after) {}

    private final Compute compute;
    private final int dim;
    private final List<Part> parts;

    /**
     * Puts the layer together.
     *
     * @param layers makes the layers of the parts
     */
    ParallelLayer(Parallel plan, Function<Sublayer, Layer> layers, WeightSource weights, Compute compute) {
        this.compute = compute;
        dim = plan.dim();
        parts = plan.parts().stream()
                .map(part -> new Part(
                        NormLayer.of(part.before(), weights, compute),
                        layers.apply(part.layer()),
                        NormLayer.of(part.after(), weights, compute)))
                .toList();
    }

    @Override
    public int[] widths() {
        IntStream ofParts =
                parts.stream().flatMapToInt(part -> IntStream.of(part.layer().widths()));
        return IntStream.concat(IntStream.of(dim, dim), ofParts).toArray();
    }

    @Override
    public void forward(HeapTensor x, HeapTensor y, RowBuffers kept, Context context) {
        int slot = PARTS;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            HeapTensor result = i == 0 ? y : kept.rows(RESULT, x.rows());
            HeapTensor input = x;
            if (part.before() != null) {
                input = kept.rows(INPUT, x.rows());
                part.before().forward(x, input);
            }
            part.layer().forward(input, result, kept.from(slot), context);
            slot += part.layer().widths().length;
            if (part.after() != null) {
                part.after().forward(result, result);
            }
            if (i > 0) {
                compute.elements().add(y, result, y);
            }
        }
    }
}
