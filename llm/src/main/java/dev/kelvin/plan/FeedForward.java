// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.kernel.Activation;
import java.util.stream.Stream;

/** What each row goes through by itself. */
public sealed interface FeedForward extends Sublayer {
    /**
     * y = (f(x·Wgᵀ) ⊙ x·Wuᵀ)·Wdᵀ.
     *
     * <p>Source: Shazeer, GLU Variants Improve Transformer, 2020.
     *
     * @param gate to {@code [F]}
     * @param up to {@code [F]}
     * @param down from {@code [F]}
     * @param activation f
     */
    record Gated(Projection gate, Projection up, Projection down, Activation activation) implements FeedForward {
        /** Checks that the widths fit together. */
        public Gated {
            if (gate.inputDim() != up.inputDim()
                    || gate.outputDim() != up.outputDim()
                    || down.inputDim() != gate.outputDim()) {
                throw new IllegalArgumentException("plan: gate and up must be [F, D] and down [D, F], but are "
                        + text(gate) + ", " + text(up) + " and " + text(down));
            }
        }

        @Override
        public Stream<Weight> weights() {
            return Stream.of(gate, up, down).flatMap(Projection::weights);
        }
    }

    /**
     * y = f(x·Wuᵀ)·Wdᵀ.
     *
     * @param up to {@code [F]}
     * @param down from {@code [F]}
     * @param activation f
     */
    record Plain(Projection up, Projection down, Activation activation) implements FeedForward {
        /** Checks that the widths fit together. */
        public Plain {
            if (down.inputDim() != up.outputDim()) {
                throw new IllegalArgumentException(
                        "plan: up must be [F, D] and down [D, F], but are " + text(up) + " and " + text(down));
            }
        }

        @Override
        public Stream<Weight> weights() {
            return Stream.of(up, down).flatMap(Projection::weights);
        }
    }

    private static String text(Projection projection) {
        return "[" + projection.outputDim() + ", " + projection.inputDim() + "]";
    }
}
