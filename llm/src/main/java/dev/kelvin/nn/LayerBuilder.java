// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.nn;

import dev.kelvin.ops.Compute;
import dev.kelvin.plan.AttentionPlan;
import dev.kelvin.plan.DeltaNetPlan;
import dev.kelvin.plan.FeedForward;
import dev.kelvin.plan.LatentAttentionPlan;
import dev.kelvin.plan.Mamba2Plan;
import dev.kelvin.plan.Parallel;
import dev.kelvin.plan.ShortConvPlan;
import dev.kelvin.plan.Sublayer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes layers of their plans, one after the other, and numbers what they keep of a sequence. */
final class LayerBuilder {
    private final WeightSource weights;
    private final Compute compute;
    private final List<LayerMemory> memory = new ArrayList<>();

    /**
     * The slots of the layers whose keys and values others may read, the last layer first. No map: the first hash of a
     * plan costs a start 40 ms, and few models ask.
     */
    private final List<Slot> slots = new ArrayList<>();

    LayerBuilder(WeightSource weights, Compute compute) {
        this.weights = weights;
        this.compute = compute;
    }

    /** What the layers so far keep, by slot. */
    List<LayerMemory> memory() {
        return Collections.unmodifiableList(memory);
    }

    /** The next layer. */
    Layer build(Sublayer plan) {
        Layer layer = layer(plan, memory.size());
        memory.addAll(layer.memory());
        return layer;
    }

    private Layer layer(Sublayer plan, int slot) {
        return switch (plan) {
            case AttentionPlan attention -> new AttentionLayer(attention, slotOf(attention, slot), weights, compute);
            case LatentAttentionPlan latent -> new LatentAttentionLayer(latent, slot, weights, compute);
            case DeltaNetPlan deltaNet -> new DeltaNetLayer(deltaNet, slot, weights, compute);
            case Mamba2Plan mamba -> new Mamba2Layer(mamba, slot, weights, compute);
            case ShortConvPlan convolution -> new ShortConvLayer(convolution, slot, weights, compute);
            case FeedForward.Gated gated -> new GatedFeedForward(gated, weights, compute);
            case FeedForward.Plain plain -> new PlainFeedForward(plain, weights, compute);
            case FeedForward.Experts experts -> new ExpertsFeedForward(experts, weights, compute);
            case Parallel parallel -> new ParallelLayer(parallel, this::build, weights, compute);
            case FeedForward.Injection injection -> new InjectionFeedForward(injection, weights, compute);
        };
    }

    private int slotOf(AttentionPlan attention, int slot) {
        if (attention.source() == null) {
            slots.addFirst(new Slot(attention, slot));
            return slot;
        }
        return slots.stream()
                .filter(each -> each.plan().equals(attention.source()))
                .mapToInt(Slot::number)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "plan: a layer reads keys and values of one that is not before it"));
    }

    /** Where a layer keeps its keys and values. */
    private record Slot(AttentionPlan plan, int number) {}
}
