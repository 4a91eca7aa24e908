// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What makes the families of {@link NaiveTransformer} different, a line of words each. */
final class NaiveFamilies {
    private static final Map<String, String> WORDS = Map.ofEntries(
            entry("llama", "adjacent divisors ffn-biases mixture output-bias"),
            entry("internlm2", "adjacent divisors ffn-biases output-bias"),
            entry("ernie4_5", "adjacent divisors ffn-biases output-bias"),
            entry("ernie4_5-moe", "adjacent mixture always selection dense shared"),
            entry("xverse", "adjacent divisors ffn-biases output-bias"),
            entry("exaone", "divisors ffn-biases output-bias"),
            entry("seed_oss", "late-norm"),
            entry("arcee", "adjacent divisors output-bias plain squared"),
            entry("nemotron", "width-of-dim layer-norm output-bias ffn-biases plain squared partial"),
            entry("llama-embed", "adjacent encoder"),
            entry("eurobert", "width-of-dim encoder"),
            entry("mistral3", "adjacent divisors ffn-biases mixture output-bias betas temper"),
            entry("granite", "adjacent divisors ffn-biases output-bias scales"),
            entry("granitemoe", "adjacent divisors ffn-biases output-bias scales mixture shared"),
            entry("minicpm", "adjacent divisors ffn-biases output-bias scales"),
            entry("qwen2", "width-of-dim logit-bias"),
            entry("qwen2vl", "width-of-dim logit-bias sections"),
            entry("qwen3", "head-norms"),
            entry("qwen3vl", "head-norms sections"),
            entry("qwen2moe", "width-of-dim mixture always shares shared gated unnormalised"),
            entry("qwen3moe", "head-norms mixture always shares groups"),
            entry("qwen3vlmoe", "head-norms sections mixture always shares"),
            entry("olmoe", "width-of-dim row-norms mixture always unnormalised"),
            entry("gemma", "gelu root"),
            entry("gemma2", "between gelu root window2 local-scaled caps"),
            entry("gemma3", "between gelu root head-norms window6 local-plain cap"),
            entry("gemma-embedding", "between gelu root head-norms window6 local-plain encoder both-sides"),
            entry(
                    "phi2",
                    "width-of-dim layer-norm biases plain output-bias ffn-biases gelu partial parallel logit-bias"),
            entry("phi3", "width-of-dim stacked partial ranges"),
            entry("smollm3", "adjacent unturned"),
            entry("olmo2", "width-of-dim after row-norms window4 local-global separate"),
            entry("exaone4", "width-of-dim after head-norms divisors"),
            entry("hunyuan-dense", "head-norms turned-first divisors"),
            entry("chatglm", "adjacent partial stacked fused grouped"),
            entry("glm4", "adjacent partial between stacked"),
            entry("command-r", "width-of-dim layer-norm-alone adjacent parallel tied multiplied norm-a-head"),
            entry("cohere2", "width-of-dim layer-norm-alone adjacent parallel tied multiplied window4 turned-near"),
            entry("stablelm", "width-of-dim layer-norm partial perhaps-parallel norm-a-head"),
            entry("orion", "width-of-dim layer-norm"),
            entry("falcon", "width-of-dim layer-norm plain gelu parallel fused grouped second-norms"),
            entry(
                    "gptneox",
                    "width-of-dim layer-norm biases plain output-bias ffn-biases gelu partial fused grouped all-heads"
                            + " perhaps-parallel own-norms"),
            entry("starcoder2", "width-of-dim layer-norm biases plain output-bias ffn-biases gelu"),
            entry(
                    "gpt2",
                    "width-of-dim layer-norm biases plain output-bias ffn-biases gelu positions fused grouped"
                            + " all-heads"),
            entry(
                    "starcoder",
                    "width-of-dim layer-norm biases plain output-bias ffn-biases gelu positions fused grouped"
                            + " all-heads"),
            entry("bert", "width-of-dim layer-norm closing plain gelu positions encoder types ffn-biases"),
            entry("nomic-bert", "width-of-dim layer-norm closing partial encoder types"),
            entry(
                    "nomic-bert-moe",
                    "width-of-dim layer-norm closing fused encoder types plain gelu ffn-biases mixture always ungated"
                            + " unnormalised alternate"),
            entry(
                    "modern-bert",
                    "width-of-dim layer-norm-alone gelu stacked fused window3 local-plain encoder unnormed"),
            entry("gpt-oss", "biases output-bias window2 local-scaled sinks mixture always chosen late-norm"),
            entry("lfm2", "width-of-dim head-norms convolutions"),
            entry("lfm2moe", "width-of-dim head-norms convolutions mixture always sigmoid selection dense groups"));

    private NaiveFamilies() {}

    /** All of them. */
    static Set<String> names() {
        return new TreeSet<>(WORDS.keySet());
    }

    static List<String> words(String family) {
        return List.of(WORDS.get(family).split(" ", -1));
    }
}
