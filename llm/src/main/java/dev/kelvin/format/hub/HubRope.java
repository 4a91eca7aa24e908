// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import java.util.Arrays;
import java.util.Map;

/**
 * Rotary positions: what a config says of base and scaling, as keys and tensors of GGUF.
 *
 * <p>Newer configs have {@code rope_parameters}, older ones {@code rope_theta} and {@code rope_scaling}; where windows
 * alternate with full attention, either kind of layer may have parameters of its own.
 */
final class HubRope {
    private static final double LN_FACTOR = 0.1;
    private static final double SAME = 1e-3;
    private static final float STILL = 1e30f;
    private static final float[] USUAL_SECTIONS = {11, 11, 10};

    private final HubConfig config;
    private final HubConfig parameters;
    private final int headDim;
    private final Map<String, Object> keys;
    private final Map<String, float[]> tensors;

    /**
     * Reads a config.
     *
     * @param headDim the width of a head
     * @param keys receives keys below the architecture's prefix
     * @param tensors receives vectors by name
     */
    HubRope(HubConfig config, int headDim, Map<String, Object> keys, Map<String, float[]> tensors)
            throws ModelFormatException {
        this.config = config;
        this.headDim = headDim;
        this.keys = keys;
        this.tensors = tensors;
        HubConfig both = config.object(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
        parameters = both.has("full_attention") ? both.object("full_attention") : both;
        if (parameters.has("rope_theta") || config.has("rope_theta")) {
            keys.put("rope.freq_base", (float) parameters.real("rope_theta", config.real("rope_theta", 0)));
        }
        HubConfig local = both.object("sliding_attention");
        if (local.has("rope_theta") || config.has("rope_local_base_freq")) {
            keys.put("rope.freq_base_swa", (float) local.real("rope_theta", config.real("rope_local_base_freq", 0)));
        }
    }

    /** What holds where the config says nothing: {@code theta=} the base, {@code local=} that of windows. */
    void usual(String word) {
        float value = Float.parseFloat(word.substring(word.indexOf('=') + 1));
        keys.putIfAbsent(word.startsWith("local") ? "rope.freq_base_swa" : "rope.freq_base", value);
    }

    private double part(double otherwise) throws ModelFormatException {
        String key = "partial_rotary_factor";
        double part = parameters.real(key, config.real(key, config.real("rotary_pct", otherwise)));
        if (!(part > 0) || part > 1) {
            throw (parameters.has(key) ? parameters : config).refuse(key, "a number in (0, 1]");
        }
        return part;
    }

    /** How many elements of a head turn. */
    void width(double otherwise) throws ModelFormatException {
        keys.put("rope.dimension_count", (int) (headDim * part(otherwise)));
    }

    /** Which pairs turn by which of the positions of a picture. */
    void sections() throws ModelFormatException {
        float[] found = parameters.has("mrope_section") ? parameters.reals("mrope_section") : USUAL_SECTIONS;
        int[] sections = new int[4];
        for (int i = 0; i < Math.min(found.length, sections.length); i++) {
            sections[i] = (int) found[i];
        }
        keys.put("rope.dimension_sections", sections);
    }

    void scaling() throws ModelFormatException {
        String type = parameters.string("rope_type", parameters.string("type", "default"));
        switch (type) {
            // How pairs are given to the positions of pictures, which the sections say.
            case "default", "none", "mrope" -> {}
            // It lengthens what is beyond the context that the config names, and nothing within it.
            case "dynamic" -> stretched();
            case "linear" -> {
                keys.put("rope.scaling.type", type);
                keys.put("rope.scaling.factor", (float) parameters.real("factor"));
            }
            case "yarn" -> yarn();
            case "llama3" -> tensors.put("rope_freqs.weight", llama3());
            case "longrope", "su" -> longrope();
            case "proportional" -> tensors.put("rope_freqs.weight", proportional());
            default ->
                throw new ModelFormatException(
                        config.path(),
                        "key rope_type",
                        -1,
                        "a scaling that can be computed (default, dynamic, linear, yarn, llama3, longrope,"
                                + " proportional)",
                        type);
        }
    }

    /** Where it has an alpha, the base is as for a context that was lengthened by it. */
    private void stretched() throws ModelFormatException {
        if (parameters.has("alpha")) {
            double base = (float) keys.getOrDefault("rope.freq_base", 10_000f);
            double alpha = parameters.real("alpha");
            if (!(alpha > 0) || headDim < 4) {
                throw parameters.refuse("alpha", "a positive number");
            }
            keys.put("rope.freq_base", (float) (base * Math.pow(alpha, headDim / (headDim - 2.0))));
        }
    }

    private int originalContext() throws ModelFormatException {
        return originalContext("original_max_position_embeddings");
    }

    /** The context before it was lengthened, which may be that of another key. */
    private int originalContext(String otherwise) throws ModelFormatException {
        String key = "original_max_position_embeddings";
        if (parameters.has(key)) {
            return parameters.integer(key);
        }
        return config.integer(config.has(key) ? key : otherwise);
    }

    private void yarn() throws ModelFormatException {
        double factor = parameters.real("factor");
        keys.put("rope.scaling.type", "yarn");
        keys.put("rope.scaling.factor", (float) factor);
        keys.put("rope.scaling.original_context_length", originalContext("max_position_embeddings"));
        copy("beta_fast", "rope.scaling.yarn_beta_fast");
        copy("beta_slow", "rope.scaling.yarn_beta_slow");
        copy("mscale_all_dim", "rope.scaling.yarn_log_multiplier");
        copy("llama_4_scaling_beta", "attention.temperature_scale");
        double usual = 1 + LN_FACTOR * Math.log(factor);
        if (Math.abs(parameters.real("attention_factor", usual) - usual) > SAME * usual) {
            throw parameters.refuse("attention_factor", "1 + ln(factor)/10, which is " + (float) usual);
        }
        if (parameters.has("mscale")
                && Math.abs(parameters.real("mscale") - parameters.real("mscale_all_dim", 0)) > SAME) {
            throw parameters.refuse("mscale", "the value of mscale_all_dim");
        }
    }

    private void copy(String key, String name) throws ModelFormatException {
        if (parameters.has(key)) {
            keys.put(name, (float) parameters.real(key));
        }
    }

    /** Divisors of the frequencies: 1 for short waves, the factor for long ones, between them a ramp. */
    private float[] llama3() throws ModelFormatException {
        double base = (float) keys.getOrDefault("rope.freq_base", 10_000f);
        double factor = parameters.real("factor");
        double low = parameters.real("low_freq_factor");
        double high = parameters.real("high_freq_factor");
        double context = originalContext();
        float[] divisors = new float[headDim / 2];
        for (int i = 0; i < divisors.length; i++) {
            double wave = 2 * Math.PI * Math.pow(base, 2.0 * i / headDim);
            double ramp = (context / wave - low) / (high - low);
            double clamped = Math.clamp(ramp, 0, 1);
            divisors[i] = (float) (1 / ((1 - clamped) / factor + clamped));
        }
        return divisors;
    }

    /** Divisors by which the last pairs do not turn. */
    private float[] proportional() throws ModelFormatException {
        float[] divisors = new float[headDim / 2];
        Arrays.fill(divisors, STILL);
        Arrays.fill(divisors, 0, (int) (headDim * part(1) / 2), 1);
        return divisors;
    }

    private void longrope() throws ModelFormatException {
        double original = originalContext();
        double scale = config.integer("max_position_embeddings") / original;
        keys.put("rope.scaling.original_context_length", (int) original);
        double usual = scale > 1 ? Math.sqrt(1 + Math.log(scale) / Math.log(original)) : 1;
        keys.put("rope.scaling.attn_factor", (float) parameters.real("attention_factor", usual));
        tensors.put("rope_factors_long.weight", parameters.reals("long_factor"));
        tensors.put("rope_factors_short.weight", parameters.reals("short_factor"));
    }
}
