// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.plan.DecoderPlan;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the plan of one family of models. */
@FunctionalInterface
interface Architecture {
    /** All families, by the value of {@code general.architecture}. */
    Map<String, Architecture> ALL = all();

    private static Map<String, Architecture> all() {
        Map<String, Architecture> all = new LinkedHashMap<>();
        all.put("llama", Llama::plan);
        all.put("gpt2", Gpt2::plan);
        all.put("qwen2", Qwen2::plan);
        all.put("qwen3", Qwen3::plan);
        all.put("qwen2moe", Qwen2::mixture);
        all.put("qwen3moe", Qwen3::plan);
        all.put("gpt-oss", GptOss::plan);
        all.put("gemma2", Gemma2::plan);
        all.put("gemma3", Gemma3::plan);
        all.put("phi3", Phi3::plan);
        all.put("mistral3", Mistral3::plan);
        all.put("granite", Granite::plan);
        all.put("granitemoe", Granite::plan);
        all.put("smollm3", SmolLm3::plan);
        all.put("olmo2", Olmo2::plan);
        all.put("starcoder2", StarCoder2::plan);
        all.put("lfm2", Lfm2::plan);
        all.put("lfm2moe", Lfm2::plan);
        all.put("qwen35", Qwen35::plan);
        all.put("qwen35moe", Qwen35::plan);
        all.put("bert", Bert::bert);
        all.put("nomic-bert", Bert::nomic);
        all.put("gemma-embedding", Gemma3::encoder);
        all.put("modern-bert", ModernBert::plan);
        return Collections.unmodifiableMap(all);
    }

    /**
     * Reads keys and tensors.
     *
     * @throws ModelFormatException if one is missing, out of range or of another shape, or asks for something that
     *     cannot be computed
     */
    DecoderPlan plan(Hyperparameters model) throws ModelFormatException;
}
