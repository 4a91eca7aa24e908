// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.operand.Activation;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * From a text's vector v {@code [D]} to a number for each label: output(norm(activation(dense(v)))).
 *
 * @param pooling how the text's rows become v: mean, the first or the last
 * @param dense D to D; null for none, and then there is no activation and no norm either
 * @param activation behind {@code dense}
 * @param norm behind the activation; null for none
 * @param output D to the labels
 * @param shares whether the numbers become shares of 1, by softmax
 */
public record Classifier(
        Pooling pooling, Projection dense, Activation activation, Norm norm, Projection output, boolean shares) {
    /** Checks that there is an output. */
    public Classifier {
        Objects.requireNonNull(pooling, "pooling");
        Objects.requireNonNull(output, "output");
    }

    /** The same, with numbers that become shares. */
    public Classifier withShares() {
        return new Classifier(pooling, dense, activation, norm, output, true);
    }

    /** The number of labels. */
    public int labels() {
        return output.outputDim();
    }

    Stream<Weight> weights() {
        return Stream.of(
                        dense == null ? Stream.<Weight>of() : dense.weights(),
                        norm == null ? Stream.<Weight>of() : norm.weights(),
                        output.weights())
                .flatMap(weights -> weights);
    }
}
