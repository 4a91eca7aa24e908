// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.operand.RopeTable;
import dev.kelvin.operand.RopeTable.Pairing;
import dev.kelvin.plan.Heads;
import dev.kelvin.plan.Rotary;
import java.util.Arrays;

/**
 * The rotations that a file asks for by its keys {@code rope.*}. However a context was lengthened, it ends in
 * frequencies and a magnitude.
 *
 * <p>Sources: linear, Chen et al., Extending Context Window of Large Language Models via Positional Interpolation,
 * 2023; yarn, Peng et al., arXiv:2309.00071, in the form of ggml, whose correction range is rounded outwards and
 * clamped.
 */
final class RotaryKeys {
    private static final float USUAL_BASE = 10_000;
    private static final double BETA_FAST = 32;
    private static final double BETA_SLOW = 1;

    private final Keys keys;
    private final Tensors tensors;
    private final int contextLength;
    private double betaFast = BETA_FAST;
    private double betaSlow = BETA_SLOW;

    RotaryKeys(Keys keys, Tensors tensors, int contextLength) {
        this.keys = keys;
        this.tensors = tensors;
        this.contextLength = contextLength;
    }

    /** Reads the range in which yarn mixes; most families leave it as it is in the paper whatever their files say. */
    RotaryKeys withBetas() throws ModelFormatException {
        betaFast = keys.positiveReal("rope.scaling.yarn_beta_fast", (float) BETA_FAST);
        betaSlow = keys.positiveReal("rope.scaling.yarn_beta_slow", (float) BETA_SLOW);
        return this;
    }

    /** The context before it was lengthened. */
    int originalContextLength() throws ModelFormatException {
        return keys.positive("rope.scaling.original_context_length", contextLength);
    }

    /** The base of the frequencies. */
    float base() throws ModelFormatException {
        return keys.positiveReal("rope.freq_base", USUAL_BASE);
    }

    /** The base in layers with a window. */
    float windowBase(float otherwise) throws ModelFormatException {
        return keys.positiveReal("rope.freq_base_swa", otherwise);
    }

    /** The base in layers with a window, as the paper has it where the file says nothing. */
    float windowBase() throws ModelFormatException {
        return windowBase(USUAL_BASE);
    }

    /** A rotation as it was before a context was lengthened. */
    Rotary unscaled(Heads heads, Pairing pairing, float base) throws ModelFormatException {
        int dims = dims(heads);
        return new Rotary(pairing, dims, RopeTable.frequencies(dims, base), 1);
    }

    /** The rotation, scaled as the file says, with the divisors of {@code rope_freqs} where it has them. */
    Rotary scaled(Heads heads, Pairing pairing) throws ModelFormatException {
        return scaled(heads, pairing, dims(heads) / 2);
    }

    /** The same, with divisors of so many pairs, of which the first are used. */
    Rotary scaled(Heads heads, Pairing pairing, int divisors) throws ModelFormatException {
        int dims = dims(heads);
        double[] frequencies = RopeTable.frequencies(dims, base());
        if (tensors.has("rope_freqs.weight")) {
            divide(frequencies, "rope_freqs.weight", divisors);
        }
        return new Rotary(pairing, dims, frequencies, scale(frequencies, base()) * attentionFactor());
    }

    /** The rotation in layers with a window that have a base and a number of dimensions of their own. */
    Rotary windowed(Heads heads, Pairing pairing) throws ModelFormatException {
        String key = "rope.dimension_count_swa";
        int dims = keys.contains(key) ? dims(heads, key) : dims(heads);
        double[] frequencies = RopeTable.frequencies(dims, windowBase(base()));
        double magnitude = scale(frequencies, windowBase(base())) * attentionFactor();
        return new Rotary(pairing, dims, frequencies, magnitude);
    }

    /**
     * The rotation of models that give pairs to the positions of pictures too, which are all the same in a text: by
     * turns to time, height and width, as far as the sections reach. A pair that none of them has does not turn.
     *
     * <p>Source: Bai et al., Qwen3-VL Technical Report, 2025 (interleaved MRoPE), in the form of ggml.
     */
    Rotary sectioned(Heads heads, Pairing pairing) throws ModelFormatException {
        Rotary rotary = scaled(heads, pairing);
        int[] sections = Arrays.copyOf(keys.integers("rope.dimension_sections"), 4);
        long pairs = Arrays.stream(sections).asLongStream().sum();
        if (Arrays.stream(sections).min().getAsInt() < 0 || pairs < 1 || pairs > Integer.MAX_VALUE) {
            throw keys.refuse("rope.dimension_sections", "numbers of pairs", Arrays.toString(sections));
        }
        for (int i = 0; i < rotary.frequencies().length; i++) {
            int pair = i % (int) pairs;
            if (pair / 3 >= sections[pair % 3]) {
                rotary.frequencies()[i] = 0;
            }
        }
        return rotary;
    }

    /** A rotation whose frequencies a tensor divides. */
    Rotary divided(Heads heads, Pairing pairing, String factors) throws ModelFormatException {
        int dims = dims(heads);
        double[] frequencies = RopeTable.frequencies(dims, base());
        divide(frequencies, factors, frequencies.length);
        return new Rotary(pairing, dims, frequencies, attentionFactor());
    }

    private int dims(Heads heads) throws ModelFormatException {
        return dims(heads, "rope.dimension_count");
    }

    private int dims(Heads heads, String key) throws ModelFormatException {
        int dims = keys.integer(key, heads.dim());
        if (dims < 2 || dims % 2 != 0 || dims > heads.dim()) {
            throw keys.refuse(key, "an even number in [2, head width " + heads.dim() + "]", dims);
        }
        return dims;
    }

    private double attentionFactor() throws ModelFormatException {
        float factor = keys.real("rope.scaling.attn_factor", 1);
        return factor == 0 ? 1 : keys.positiveReal("rope.scaling.attn_factor", 1);
    }

    private void divide(double[] frequencies, String name, int length) throws ModelFormatException {
        float[] factors = tensors.values(name, length);
        for (int i = 0; i < frequencies.length; i++) {
            if (!(factors[i] > 0) || factors[i] == Float.POSITIVE_INFINITY) {
                throw tensors.refuse(name, "positive, finite factors", factors[i] + " at index " + i);
            }
            frequencies[i] /= factors[i];
        }
    }

    /** Scales in place; returns the magnitude. Without a type ggml scales linearly by the factor; 0 and 1 are none. */
    private double scale(double[] frequencies, float base) throws ModelFormatException {
        String type = keys.string("rope.scaling.type", "linear");
        float factor = keys.real("rope.scaling.factor", keys.real("rope.scale_linear", 1));
        if (!(factor >= 0) || factor == Float.POSITIVE_INFINITY) {
            throw keys.refuse("rope.scaling.factor", "a positive, finite number, or 0 for none", factor);
        }
        if (type.equals("none") || (type.equals("linear") && (factor == 0 || factor == 1))) {
            return 1;
        }
        return switch (type) {
            case "linear" -> {
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] /= factor;
                }
                yield 1;
            }
            case "yarn" -> yarn(frequencies, base, factor == 0 ? 1 : factor);
            default -> throw keys.refuse("rope.scaling.type", "none, linear or yarn", type);
        };
    }

    /** Waves that turned often in the original context stay, those that never completed one are stretched. */
    private double yarn(double[] frequencies, float base, double factor) throws ModelFormatException {
        int dims = 2 * frequencies.length;
        double low = Math.clamp(Math.floor(pairOf(betaFast, dims, base)), 0, dims - 1.0);
        double high = Math.clamp(Math.ceil(pairOf(betaSlow, dims, base)), 0, dims - 1.0);
        for (int i = 0; i < frequencies.length; i++) {
            double stretched = Math.clamp((i - low) / Math.max(0.001, high - low), 0, 1);
            frequencies[i] *= stretched / factor + (1 - stretched);
        }
        float multiplier = keys.real("rope.scaling.yarn_log_multiplier", 0);
        double logarithm = 0.1 * StrictMath.log(factor);
        double magnitude = (1 + logarithm) / (1 + multiplier * logarithm);
        if (!(magnitude > 0) || magnitude == Double.POSITIVE_INFINITY) {
            String found = factor + ", which with yarn_log_multiplier " + multiplier + " gives " + magnitude;
            throw keys.refuse("rope.scaling.factor", "one that gives a positive, finite magnitude", found);
        }
        return magnitude;
    }

    /** The pair that turns so many times in the original context. */
    private double pairOf(double turns, int dims, float base) throws ModelFormatException {
        double waves = originalContextLength() / (2 * Math.PI * turns);
        return dims * StrictMath.log(waves) / (2 * StrictMath.log(base));
    }
}
