// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.nn.KvPool;
import dev.kelvin.nn.LayerMemory;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Weight;
import dev.kelvin.tensor.DType;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the engine makes of a file, found without packing its weights.
 *
 * @param architecture the value of {@code general.architecture}; empty if there is none
 * @param plan what would be computed; null if the file's keys do not make a plan
 * @param weightBytes of the tensors of the plan
 * @param memory what the layers keep of a sequence, by slot; empty if anything stands in the way
 * @param obstacles all that was found to stand in the way of computing it
 */
public record ModelSurvey(
        String architecture,
        DecoderPlan plan,
        long weightBytes,
        List<LayerMemory> memory,
        List<ModelFormatException> obstacles) {
    /** Copies the lists. */
    public ModelSurvey {
        memory = List.copyOf(memory);
        obstacles = List.copyOf(obstacles);
    }

    /** The parameters of the plan. */
    public long parameters() {
        return plan.weights().stream()
                .mapToLong(weight -> weight.shape().elements())
                .sum();
    }

    /** The parameters that a token is computed with: of a mixture's experts those that are chosen. */
    public long activeParameters() {
        long idle = plan.branches().stream()
                .mapToLong(branch -> branch.layer().idleParameters())
                .sum();
        return parameters() - idle;
    }

    /**
     * What the keys and values, or the states, of a sequence take.
     *
     * @param type of keys and values
     * @param positions of the sequence
     * @return bytes; empty if they cannot be kept in this type, or nothing is known of the memory
     */
    public OptionalLong sequenceBytes(DType type, int positions) {
        if (!obstacles.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(KvPool.bytes(memory, type, positions));
        } catch (IllegalArgumentException e) {
            return OptionalLong.empty(); // Q8_0 keeps heads of multiples of 32
        }
    }

    static long bytes(DecoderPlan plan, FileTensors tensors) {
        return plan.weights().stream()
                .map(Weight::name)
                .mapToLong(tensors::byteSize)
                .sum();
    }
}
