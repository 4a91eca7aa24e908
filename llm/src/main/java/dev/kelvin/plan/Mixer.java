// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.plan;

/** What mixes the positions of a sequence: a row depends on those of other positions. */
public sealed interface Mixer extends Sublayer
        permits AttentionPlan, DeltaNetPlan, LatentAttentionPlan, Mamba2Plan, ShortConvPlan {}
