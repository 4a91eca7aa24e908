// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import dev.kelvin.chat.DefaultTemplate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The families of models. Not fields of {@link Architecture}: the JVM keeps no lambdas of an interface with static
 * fields in a cache, and makes these sixty anew at each start (docs/decisions/0222).
 */
final class Architectures {
    /** All families, by the value of {@code general.architecture}. */
    static final Map<String, Architecture> ALL = all();

    private Architectures() {}

    private static Map<String, Architecture> all() {
        Map<String, Architecture> all = new LinkedHashMap<>();
        all.put("llama", trainable(Llama::plan, new Llama.Fresh()));
        all.put("gpt2", trainable(Gpt2::plan, new Gpt2.Fresh()));
        all.put("internlm2", Llama::plan);
        all.put("xverse", Llama::plan);
        all.put("exaone", Llama::exaone);
        all.put("ernie4_5", Llama::plan);
        all.put("ernie4_5-moe", Ernie::mixture);
        all.put("seed_oss", Llama::seed);
        all.put("minicpm", Granite::miniCpm);
        all.put("starcoder", Gpt2::plan);
        all.put("gptneox", GptNeoX::plan);
        all.put("falcon", Falcon::plan);
        all.put("stablelm", StableLm::plan);
        all.put("orion", StableLm::plan);
        all.put("nemotron", Nemotron::plan);
        all.put("arcee", Arcee::plan);
        all.put("qwen2", Qwen2::plan);
        all.put("qwen3", Qwen3::plan);
        all.put("qwen2moe", Qwen2::mixture);
        all.put("qwen3moe", Qwen3::plan);
        all.put("qwen2vl", Qwen2::seeing);
        all.put("qwen3vl", Qwen3::seeing);
        all.put("qwen3vlmoe", Qwen3::seeing);
        all.put("gpt-oss", GptOss::plan);
        all.put("gemma", chatting(Gemma::plan, DefaultTemplate.GEMMA));
        all.put("gemma2", chatting(Gemma2::plan, DefaultTemplate.GEMMA));
        all.put("gemma3", chatting(Gemma3::plan, DefaultTemplate.GEMMA));
        all.put("gemma4", Gemma4::plan);
        all.put("phi2", Phi2::plan);
        all.put("phi3", chatting(Phi3::plan, DefaultTemplate.PHI));
        all.put("mistral3", chatting(Mistral3::plan, DefaultTemplate.INST));
        all.put("granite", Granite::plan);
        all.put("granitemoe", Granite::plan);
        all.put("smollm3", SmolLm3::plan);
        all.put("olmo2", Olmo2::plan);
        all.put("olmoe", OlMoE::plan);
        all.put("command-r", CommandR::plan);
        all.put("cohere2", CommandR::windowed);
        all.put("exaone4", Exaone4::plan);
        all.put("hunyuan-dense", Hunyuan::plan);
        all.put("deepseek2", Deepseek2::plan);
        all.put("chatglm", Glm4::chat);
        all.put("glm4", Glm4::plan);
        all.put("starcoder2", StarCoder2::plan);
        all.put("lfm2", Lfm2::plan);
        all.put("lfm2moe", Lfm2::plan);
        all.put("qwen35", Qwen35::plan);
        all.put("qwen35moe", Qwen35::plan);
        all.put("qwen3next", Qwen35::next);
        all.put("mamba2", Mamba2::plan);
        all.put("granitehybrid", Granite::hybrid);
        all.put("llama-embed", LlamaEncoder::llama);
        all.put("eurobert", LlamaEncoder::euro);
        all.put("bert", Bert::bert);
        all.put("nomic-bert", Bert::nomic);
        all.put("nomic-bert-moe", Bert::nomic);
        all.put("gemma-embedding", chatting(Gemma3::encoder, DefaultTemplate.GEMMA));
        all.put("modern-bert", ModernBert::plan);
        return Collections.unmodifiableMap(all);
    }

    private static Architecture trainable(Architecture family, NewModel newModel) {
        return new Architecture.Particular(family, DefaultTemplate.CHATML, newModel);
    }

    private static Architecture chatting(Architecture family, DefaultTemplate template) {
        return new Architecture.Particular(family, template, null);
    }
}
