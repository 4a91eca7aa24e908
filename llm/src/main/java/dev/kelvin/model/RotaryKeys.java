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
    private static final String FREQS = "rope_freqs.weight";
    private static final String LONG = "rope_factors_long.weight";
    private static final String SHORT = "rope_factors_short.weight";

    private final Keys keys;
    private final Tensors tensors;
    private final int trainedLength;
    private final int wantedLength;
    private double betaFast = BETA_FAST;
    private double betaSlow = BETA_SLOW;
    private double logMultiplier;

    /**
     * Reads nothing yet.
     *
     * @param trainedLength positions that the file says the model has room for
     * @param wantedLength positions that it is to have room for; 0 if nobody said
     */
    RotaryKeys(Keys keys, Tensors tensors, int trainedLength, int wantedLength) {
        this.keys = keys;
        this.tensors = tensors;
        this.trainedLength = trainedLength;
        this.wantedLength = wantedLength;
    }

    /**
     * Positions that the model has room for. A file with divisors for short and for long contexts, of which one is
     * chosen, has room for its original context where nobody wants more.
     */
    int contextLength() throws ModelFormatException {
        if (!tensors.has(LONG)) {
            return trainedLength;
        }
        return Math.min(trainedLength, wantedLength == 0 ? originalContextLength() : wantedLength);
    }

    /**
     * Reads the range in which yarn mixes, and what its magnitude is divided by; most families leave both as they are
     * in the paper whatever their files say.
     */
    RotaryKeys withBetas() throws ModelFormatException {
        betaFast = keys.positiveReal("rope.scaling.yarn_beta_fast", (float) BETA_FAST);
        betaSlow = keys.positiveReal("rope.scaling.yarn_beta_slow", (float) BETA_SLOW);
        logMultiplier = keys.real("rope.scaling.yarn_log_multiplier", 0);
        return this;
    }

    /** Cancels the magnitude of yarn, as models do that have it in the scale of their scores. */
    RotaryKeys withoutMagnitude() {
        logMultiplier = 1;
        return this;
    }

    /** The logarithm of the factor by which yarn lengthens the context; 0 where it does not. */
    double yarnLogarithm() throws ModelFormatException {
        boolean yarn = keys.string("rope.scaling.type", "linear").equals("yarn");
        return yarn ? StrictMath.log(Math.max(1, keys.real("rope.scaling.factor", 1))) : 0;
    }

    /** The context before it was lengthened. */
    int originalContextLength() throws ModelFormatException {
        return keys.positive("rope.scaling.original_context_length", trainedLength);
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

    /** The rotation in layers with a window, which is as it was before the context was lengthened. */
    Rotary windowed(Heads heads, Pairing pairing) throws ModelFormatException {
        String key = "rope.dimension_count_swa";
        int dims = keys.contains(key) ? dims(heads, key) : dims(heads);
        return new Rotary(pairing, dims, RopeTable.frequencies(dims, windowBase()), attentionFactor());
    }

    /** A rotation in layers with a window as it was before a context was lengthened, by their base or that of all. */
    Rotary unscaled(Heads heads, Pairing pairing) throws ModelFormatException {
        int dims = dims(heads);
        return new Rotary(pairing, dims, RopeTable.frequencies(dims, windowBase(base())), 1);
    }

    /** The rotation, scaled as the file says, with the divisors of its frequencies where it has some. */
    Rotary scaled(Heads heads, Pairing pairing) throws ModelFormatException {
        return scaled(heads, pairing, dims(heads) / 2);
    }

    /** The rotation in layers with a window, scaled as that of the others. */
    Rotary scaledInWindows(Heads heads, Pairing pairing) throws ModelFormatException {
        int dims = dims(heads);
        float base = windowBase(base());
        double[] frequencies = RopeTable.frequencies(dims, base);
        return new Rotary(pairing, dims, frequencies, scale(frequencies, base) * attentionFactor());
    }

    /** The same, with divisors of so many pairs, of which the first are used. */
    Rotary scaled(Heads heads, Pairing pairing, int divisors) throws ModelFormatException {
        int dims = dims(heads);
        double[] frequencies = RopeTable.frequencies(dims, base());
        if (tensors.has(LONG)) {
            boolean longer = contextLength() > originalContextLength();
            divide(frequencies, longer ? LONG : SHORT, divisors);
            divide(new double[frequencies.length], longer ? SHORT : LONG, divisors);
        }
        if (tensors.has(FREQS)) {
            divide(frequencies, FREQS, divisors);
        }
        return new Rotary(pairing, dims, frequencies, scale(frequencies, base()) * attentionFactor());
    }

    /**
     * The rotation of models that give pairs to the positions of pictures too, which are all the same in a text: by
     * turns to time, height and width, as far as the sections reach. A pair that none of them has does not turn.
     *
     * <p>Source: Bai et al., Qwen3-VL Technical Report, 2025 (interleaved MRoPE), in the form of ggml.
     */
    Rotary sectioned(Heads heads, Pairing pairing) throws ModelFormatException {
        Rotary rotary = scaled(heads, pairing);
        int[] sections = sections();
        for (int i = 0; i < rotary.frequencies().length; i++) {
            int pair = i % Arrays.stream(sections).sum();
            if (pair / 3 >= sections[pair % 3]) {
                rotary.frequencies()[i] = 0;
            }
        }
        return rotary;
    }

    /**
     * The same with sections one after the other; the last has the pairs that belong to none of the three.
     *
     * <p>Source: Wang et al., Qwen2-VL, 2024 (MRoPE), in the form of ggml.
     */
    Rotary sectionedInRow(Heads heads, Pairing pairing) throws ModelFormatException {
        Rotary rotary = scaled(heads, pairing);
        int[] sections = sections();
        int all = Arrays.stream(sections).sum();
        for (int i = 0; i < rotary.frequencies().length; i++) {
            if (i % all >= all - sections[3]) {
                rotary.frequencies()[i] = 0;
            }
        }
        return rotary;
    }

    /** Pairs of time, height, width and nothing. */
    private int[] sections() throws ModelFormatException {
        int[] sections = Arrays.copyOf(keys.integers("rope.dimension_sections"), 4);
        long pairs = Arrays.stream(sections).asLongStream().sum();
        if (Arrays.stream(sections).min().getAsInt() < 0 || pairs < 1 || pairs > Integer.MAX_VALUE) {
            throw keys.refuse("rope.dimension_sections", "numbers of pairs", Arrays.toString(sections));
        }
        return sections;
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

    /** A factor of the magnitude that some files have; 1 for none. */
    double attentionFactor() throws ModelFormatException {
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
        return switch (type) {
            case "none" -> 1;
            // Of the latter the frequencies have divisors of their own, besides.
            case "linear", "longrope" -> {
                for (int i = 0; factor != 0 && i < frequencies.length; i++) {
                    frequencies[i] /= factor;
                }
                yield 1;
            }
            case "yarn" -> yarn(frequencies, base, factor == 0 ? 1 : factor);
            default -> throw keys.refuse("rope.scaling.type", "none, linear, yarn or longrope", type);
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
        double logarithm = 0.1 * StrictMath.log(Math.max(1, factor));
        double magnitude = (1 + logarithm) / (1 + logMultiplier * logarithm);
        if (!(magnitude > 0) || magnitude == Double.POSITIVE_INFINITY) {
            String found = factor + ", which with yarn_log_multiplier " + logMultiplier + " gives " + magnitude;
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
