// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * One step of a block: x += after(layer(before(x))).
 *
 * @param before normalises what goes into the layer; null for none
 * @param layer what is computed
 * @param after normalises what comes out; null for none
 */
public record Branch(Norm before, Sublayer layer, Norm after) {
    /** Checks that there is a layer. */
    public Branch {
        Objects.requireNonNull(layer, "layer");
    }

    /** A branch of a pre-normalised decoder. */
    public static Branch of(Norm before, Sublayer layer) {
        return new Branch(before, layer, null);
    }

    Stream<Weight> weights() {
        Stream<Weight> first = before == null ? Stream.of() : before.weights();
        Stream<Weight> last = after == null ? Stream.of() : after.weights();
        return Stream.of(first, layer.weights(), last).flatMap(weights -> weights);
    }
}
