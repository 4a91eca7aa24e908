// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.answer;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Dry;
import dev.kelvin.head.DynamicTemperature;
import dev.kelvin.head.LogitBias;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Mirostat;
import dev.kelvin.head.Mirostat1;
import dev.kelvin.head.Penalties;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.SequenceBreakers;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopNSigma;
import dev.kelvin.head.TopP;
import dev.kelvin.head.Typical;
import dev.kelvin.head.Xtc;
import dev.kelvin.server.http.ApiException;
import dev.kelvin.server.http.Fields;
import dev.kelvin.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The sampler parameters of a request, under the names that OpenAI, Ollama, llama.cpp and vLLM have for them. Stages
 * stand in this order: biases, penalties, dry, top-n-sigma, top-k, typical, top-p, min-p, xtc, temperature; with
 * mirostat, temperature and mirostat follow the penalties. A stage that is off is left out.
 */
public final class SamplerFields {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float MAX = Float.MAX_VALUE;

    private final Fields fields;
    private final SamplerDefaults defaults;
    private final List<Sampler> stages = new ArrayList<>();

    private SamplerFields(Fields fields, SamplerDefaults defaults) {
        this.fields = fields;
        this.defaults = defaults;
    }

    /**
     * Takes all of them.
     *
     * @param tokenizer of the model
     * @return the stages
     * @throws ApiException if one is out of its range, or two contradict each other
     */
    public static List<Sampler> take(Fields fields, SamplerDefaults defaults, Tokenizer tokenizer) throws ApiException {
        SamplerFields sampler = new SamplerFields(fields, defaults);
        sampler.logitBias(tokenizer.vocabSize());
        sampler.penalties();
        sampler.dry();
        sampler.narrowing();
        return SamplerLanguage.withBreakers(new SamplerChain(sampler.stages), tokenizer)
                .samplers();
    }

    private void logitBias(int vocabSize) throws ApiException {
        Map<String, Object> biases = fields.map("logit_bias");
        if (biases == null || biases.isEmpty()) {
            return;
        }
        String name = fields.name("logit_bias");
        List<LogitBias.Entry> entries = new ArrayList<>();
        for (Map.Entry<String, Object> each : biases.entrySet()) {
            int id;
            try {
                id = Integer.parseInt(each.getKey());
            } catch (NumberFormatException e) {
                id = -1;
            }
            if (id < 0 || id >= vocabSize) {
                throw ApiException.value(name, "'" + name + "' names a token that is none of [0, " + vocabSize + ").");
            }
            if (!(each.getValue() instanceof Number bias) || Math.abs(bias.doubleValue()) > 100) {
                throw ApiException.value(name, "'" + name + "' must have numbers in [-100, 100].");
            }
            entries.add(new LogitBias.Entry(id, bias.floatValue()));
        }
        try {
            stages.add(new LogitBias(entries));
        } catch (IllegalArgumentException e) { // "1" and "01"
            throw ApiException.value(name, "'" + name + "': " + e.getMessage() + ".");
        }
    }

    private void penalties() throws ApiException {
        float frequency = fields.real("frequency_penalty", 0, -2, 2);
        float presence = fields.real("presence_penalty", 0, -2, 2);
        Float repeat = fields.real("repeat_penalty", Float.MIN_VALUE, MAX);
        Float repetition = fields.real("repetition_penalty", Float.MIN_VALUE, MAX);
        if (repeat != null && repetition != null && !repeat.equals(repetition)) {
            throw ApiException.value(
                    fields.name("repetition_penalty"), "'repetition_penalty' and 'repeat_penalty' are the same thing.");
        }
        float penalty = repeat != null ? repeat : repetition != null ? repetition : defaults.repeatPenalty();
        int last = fields.whole("repeat_last_n", defaults.repeatLastN(), -1, Integer.MAX_VALUE);
        if (last != 0 && (penalty != 1 || frequency != 0 || presence != 0)) {
            stages.add(new Penalties(last, penalty, frequency, presence));
        }
    }

    private void dry() throws ApiException {
        float multiplier = fields.real("dry_multiplier", 0, 0, MAX);
        float base = fields.real("dry_base", 1.75f, 0, MAX);
        int allowed = fields.whole("dry_allowed_length", 2, 0, Integer.MAX_VALUE);
        int last = fields.whole("dry_penalty_last_n", -1, -1, Integer.MAX_VALUE);
        if (multiplier != 0) {
            stages.add(new Dry(multiplier, base, allowed, last, SequenceBreakers.NONE));
        }
    }

    private void narrowing() throws ApiException {
        List<Sampler> narrowing = new ArrayList<>();
        float sigma = fields.real("top_n_sigma", -1, -1, MAX);
        int topK = fields.whole("top_k", defaults.topK(), -1, Integer.MAX_VALUE);
        float typical = fields.real("typical_p", 1, 0, 1);
        float topP = fields.real("top_p", defaults.topP(), 0, 1);
        float minP = fields.real("min_p", 0, 0, 1);
        float chance = fields.real("xtc_probability", 0, 0, 1);
        float threshold = fields.real("xtc_threshold", 0.1f, 0, 1);
        if (sigma > 0) {
            narrowing.add(new TopNSigma(sigma));
        }
        if (topK > 0) {
            narrowing.add(new TopK(topK));
        }
        if (typical < 1) {
            narrowing.add(new Typical(typical));
        }
        if (topP < 1) {
            narrowing.add(new TopP(topP));
        }
        if (minP > 0) {
            narrowing.add(new MinP(minP));
        }
        if (chance > 0) {
            narrowing.add(new Xtc(chance, threshold));
        }
        Sampler temperature = temperature();
        Sampler mirostat = mirostat();
        if (mirostat == null) {
            stages.addAll(narrowing);
            stages.add(temperature);
        } else {
            stages.add(temperature);
            stages.add(mirostat);
        }
    }

    private Sampler temperature() throws ApiException {
        float temperature = fields.real("temperature", defaults.temperature(), 0, INF);
        float range = fields.real("dynatemp_range", 0, 0, MAX);
        float exponent = fields.real("dynatemp_exponent", 1, 0, MAX);
        if (range == 0) {
            return new Temperature(temperature);
        }
        try {
            return new DynamicTemperature(temperature, range, exponent);
        } catch (IllegalArgumentException e) {
            throw ApiException.value(fields.name("dynatemp_range"), "'dynatemp_range': " + e.getMessage() + ".");
        }
    }

    private Sampler mirostat() throws ApiException {
        int version = fields.whole("mirostat", 0, 0, 2);
        float target = fields.real("mirostat_tau", 5, 0, MAX);
        float rate = fields.real("mirostat_eta", 0.1f, 0, MAX);
        return switch (version) {
            case 0 -> null;
            case 1 -> new Mirostat1(target, rate);
            default -> new Mirostat(target, rate);
        };
    }
}
