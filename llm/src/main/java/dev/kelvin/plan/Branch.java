// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import java.util.Objects;
import java.util.stream.Stream;

/**
 * One step of a block: x += after(layer(before(x))); where the sum is normalised, x = closing(x); where it is scaled, x
 * = x · factor.
 *
 * @param before normalises what goes into the layer; null for none
 * @param layer what is computed
 * @param after normalises what comes out; null for none
 * @param closing normalises the sum, as encoders of BERT's kind do; null for none
 * @param factor of the sum, {@code [1]}; null for 1
 */
public record Branch(Norm before, Sublayer layer, Norm after, Norm closing, Weight factor) {
    /** Checks that there is a layer. */
    public Branch {
        Objects.requireNonNull(layer, "layer");
    }

    /** A branch of a pre-normalised decoder. */
    public static Branch of(Norm before, Sublayer layer) {
        return new Branch(before, layer, null, null, null);
    }

    /** A branch that is normalised on both sides of its layer. */
    public static Branch between(Norm before, Sublayer layer, Norm after) {
        return new Branch(before, layer, after, null, null);
    }

    /** A branch of a post-normalised encoder. */
    public static Branch closed(Sublayer layer, Norm closing) {
        return new Branch(null, layer, null, closing, null);
    }

    /** The same with a factor of the sum; null for 1. */
    public Branch scaledBy(Weight factor) {
        return new Branch(before, layer, after, closing, factor);
    }

    Stream<Weight> weights() {
        Stream<Weight> factors = factor == null ? Stream.of() : Stream.of(factor);
        return Stream.of(weights(before), layer.weights(), weights(after), weights(closing), factors)
                .flatMap(weights -> weights);
    }

    private static Stream<Weight> weights(Norm norm) {
        return norm == null ? Stream.of() : norm.weights();
    }
}
