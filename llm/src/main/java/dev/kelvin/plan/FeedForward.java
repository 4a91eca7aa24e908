// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

import dev.kelvin.operand.Activation;
import dev.kelvin.operand.Routing.Gating;
import dev.kelvin.operand.Routing.Groups;
import java.util.Objects;
import java.util.stream.Stream;

/** What each row goes through by itself. */
public sealed interface FeedForward extends Sublayer {
    /**
     * y = (f(x·Wgᵀ) ⊙ x·Wuᵀ)·Wdᵀ.
     *
     * <p>Source: Shazeer, GLU Variants Improve Transformer, 2020.
     *
     * @param gate to {@code [F]}; may be the other, as max(0, u)² is max(0, u) ⊙ u
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

    /**
     * A mixture of experts: y = Σ w_e · down_e(gate(gate_e(x), up_e(x))) over the experts that a router chooses, plus
     * what an expert that all rows share makes of x.
     *
     * <p>Source: Shazeer et al., Outrageously Large Neural Networks, 2017; Dai et al., DeepSeekMoE, 2024.
     *
     * @param router to {@code [E]} logits
     * @param choice how they choose
     * @param gate to {@code [F]}; null where the form has none
     * @param up to {@code [F]}
     * @param down from {@code [F]}
     * @param form how gate and up become one
     * @param shared the expert of all rows; null for none
     * @param reading what router and experts read of x; null for x itself
     */
    record Experts(
            Projection router,
            Choice choice,
            ExpertProjection gate,
            ExpertProjection up,
            ExpertProjection down,
            Gate form,
            Shared shared,
            Reading reading)
            implements FeedForward {
        /**
         * How logits choose.
         *
         * @param used experts of a row
         * @param gating what becomes of the logits
         * @param bias {@code [E]}, added where experts are compared, not where they are weighed; null for none
         * @param normalise whether the weights of the chosen are divided by their sum
         * @param scale of all weights
         * @param groups among whose experts alone a row chooses; null for all
         */
        public record Choice(int used, Gating gating, Weight bias, boolean normalise, float scale, Groups groups) {}

        /**
         * The expert of all rows.
         *
         * @param layer what it computes
         * @param gate {@code [1, D]}, a projection whose sigmoid is its weight; null for 1
         */
        public record Shared(Gated layer, Projection gate) {}

        /**
         * What router and experts read of x where they read it each in its own way.
         *
         * @param router of the rows that the router reads
         * @param routerScale of its logits
         * @param experts of the rows that the experts read
         */
        public record Reading(Norm router, float routerScale, Norm experts) {}

        /** Checks that experts and router fit together. */
        public Experts {
            int experts = router.outputDim();
            ExpertProjection gates = gate == null ? up : gate;
            if ((gate == null) != (form instanceof Gate.None)) {
                throw new IllegalArgumentException("plan: " + form + " of experts with gate " + gate);
            }
            if (gates.experts() != experts || up.experts() != experts || down.experts() != experts) {
                throw new IllegalArgumentException(
                        "plan: a router of " + experts + " experts, but gate, up and down of " + gates.experts() + ", "
                                + up.experts() + " and " + down.experts());
            }
            if (gates.outputDim() != up.outputDim() || down.inputDim() != up.outputDim()) {
                throw new IllegalArgumentException("plan: experts of widths " + gates.outputDim() + ", "
                        + up.outputDim() + " and " + down.inputDim());
            }
        }

        /** The same that reads its input in another way. */
        public Experts withReading(Reading reading) {
            return new Experts(router, choice, gate, up, down, form, shared, reading);
        }

        /** Those of the experts that a row does not choose. */
        @Override
        public long idleParameters() {
            long ofExperts = projections()
                    .flatMap(ExpertProjection::weights)
                    .distinct()
                    .mapToLong(weight -> weight.shape().elements())
                    .sum();
            return ofExperts / router.outputDim() * (router.outputDim() - choice.used());
        }

        private Stream<ExpertProjection> projections() {
            return Stream.of(gate, up, down).filter(Objects::nonNull);
        }

        @Override
        public Stream<Weight> weights() {
            Stream<Weight> bias = Stream.ofNullable(choice.bias());
            Stream<Weight> norms = reading == null
                    ? Stream.of()
                    : Stream.concat(
                            reading.router().weights(), reading.experts().weights());
            Stream<Weight> all = shared == null
                    ? Stream.of()
                    : Stream.concat(
                            shared.layer().weights(),
                            shared.gate() == null ? Stream.of() : shared.gate().weights());
            Stream<Weight> experts = projections().flatMap(ExpertProjection::weights);
            return Stream.of(router.weights(), bias, experts, all, norms).flatMap(weights -> weights);
        }
    }

    /**
     * Brings in what the embedding has for a block: y = (f(x·Wgᵀ) ⊙ e)·Woᵀ, with e the block's part of
     * {@link EmbeddingPlan.LayerInputs}.
     *
     * @param gate to {@code [P]}
     * @param output from {@code [P]}
     * @param activation f
     * @param block whose part it is
     */
    record Injection(Projection gate, Projection output, Activation activation, int block) implements FeedForward {
        /** Checks that the widths fit together. */
        public Injection {
            if (output.inputDim() != gate.outputDim() || block < 0) {
                throw new IllegalArgumentException("plan: gate must be [P, D] and output [D, P], but are " + text(gate)
                        + " and " + text(output) + ", of block " + block);
            }
        }

        @Override
        public Stream<Weight> weights() {
            return Stream.concat(gate.weights(), output.weights());
        }
    }

    private static String text(Projection projection) {
        return "[" + projection.outputDim() + ", " + projection.inputDim() + "]";
    }
}
