// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.chat.DefaultTemplate;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.plan.DecoderPlan;

/** One family of models: the plan of each, and what else depends on the family. */
@FunctionalInterface
interface Architecture {
    /**
     * Reads keys and tensors.
     *
     * @throws ModelFormatException if one is missing, out of range or of another shape, or asks for something that
     *     cannot be computed
     */
    DecoderPlan plan(Hyperparameters model) throws ModelFormatException;

    /** The template of chats with models whose file has none. */
    default DefaultTemplate template() {
        return DefaultTemplate.CHATML;
    }

    /** How models are made anew; null if their derivative is not known. */
    default NewModel newModel() {
        return null;
    }

    /** A family that is not in everything as most are. */
    record Particular(Architecture family, DefaultTemplate template, NewModel newModel) implements Architecture {
        @Override
        public DecoderPlan plan(Hyperparameters model) throws ModelFormatException {
            return family.plan(model);
        }
    }
}
