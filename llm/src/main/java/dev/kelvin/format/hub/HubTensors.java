// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.SafetensorsFile;
import dev.kelvin.format.hub.HubTensor.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Finds for each tensor of the hub what it is called in GGUF. */
final class HubTensors {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

    /** What the names of all tensors of a family's class may begin with, or lack. */
    private static final List<String> PREFIXES =
            List.of("", "transformer.", "bert.", "model.", "language_model.", "model.language_model.");

    /** What follows the last name; norms of old have gamma and beta. */
    private static final Pattern SUFFIX = Pattern.compile("\\.(weight|bias|gamma|beta)$");

    private static final String CODES = "_blocks";
    private static final String SCALES = "_scales";

    /** The parts that see, hear, or predict further tokens, which the model of texts does without. */
    private static final Pattern OTHER_SENSES =
            Pattern.compile("(model\\.)?(vision_tower|vision_model|visual|multi_modal_projector|audio_tower"
                    + "|embed_vision|embed_audio)\\..*|mtp\\..*");

    private final HubConfig config;
    private final HubFamily family;
    private final List<SafetensorsFile> files;
    private final Map<String, HubTensor> tensors = new LinkedHashMap<>();
    private final Map<String, TreeMap<Integer, Source>> experts = new LinkedHashMap<>();

    /** A name with its numbers taken out. */
    private record Template(String text, String layer, int expert, String suffix) {
        static Template of(String name) {
            String suffix = name.endsWith(".bias") || name.endsWith(".beta") ? ".bias" : ".weight";
            String stem = SUFFIX.matcher(name).replaceFirst("");
            List<String> words = new ArrayList<>(List.of(stem.split("\\.", -1)));
            String layer = "";
            int expert = -1;
            for (int i = 0; i < words.size(); i++) {
                if (!NUMBER.matcher(words.get(i)).matches()) {
                    continue;
                }
                if (layer.isEmpty()) {
                    layer = words.get(i);
                    words.set(i, "*");
                } else {
                    expert = Integer.parseInt(words.get(i));
                    words.set(i, "#");
                }
            }
            return new Template(String.join(".", words), layer, expert, suffix);
        }
    }

    HubTensors(HubConfig config, HubFamily family, List<SafetensorsFile> files) throws ModelFormatException {
        this.config = config;
        this.family = family;
        this.files = files;
        for (SafetensorsFile file : files) {
            for (String name : file.tensors().keySet()) {
                add(new Source(file, name));
            }
        }
        for (Map.Entry<String, TreeMap<Integer, Source>> stack : experts.entrySet()) {
            TreeMap<Integer, Source> each = stack.getValue();
            if (each.lastKey() != each.size() - 1) {
                throw each.lastEntry().getValue().refuse("the experts before it too", each.size() + " of them");
            }
            put(stack.getKey(), TensorChange.STACK, 0, List.copyOf(each.values()));
        }
    }

    /** By GGUF's names, in the order of the files. */
    Map<String, HubTensor> all() {
        return tensors;
    }

    /** Adds the one matrix of a file. */
    void add(HubDense dense, SafetensorsFile file) throws ModelFormatException {
        for (String name : file.tensors().keySet()) {
            Source source = new Source(file, name);
            if (!name.equals("linear.weight")) {
                throw source.refuse("only linear.weight", "one that would be ignored");
            }
            put(dense.tensor(), TensorChange.NONE, 0, List.of(source));
        }
    }

    /** A model that continues texts has an output of its own, or says that its output is the embedding. */
    void requireHead(Path folder) throws ModelFormatException {
        boolean continues = config.strings("architectures").getFirst().matches(".*(ForCausalLM|LMHeadModel)");
        if (continues && !isTied() && !tensors.containsKey("output.weight")) {
            String expected = "a tensor of this name, as tie_word_embeddings is not true";
            throw new ModelFormatException(folder, "tensor lm_head.weight", -1, expected, "none");
        }
    }

    private void add(Source source) throws ModelFormatException {
        for (String prefix : PREFIXES) {
            String name = source.name();
            if (name.startsWith(prefix)
                    && (add(source, name.substring(prefix.length()))
                            || add(source, "model." + name.substring(prefix.length())))) {
                return;
            }
        }
        if (!OTHER_SENSES.matcher(source.name()).matches()) {
            String expected = "only tensors of " + family.architecture() + " models";
            throw source.refuse(expected, "one that would be ignored");
        }
    }

    private boolean add(Source source, String name) throws ModelFormatException {
        Template template = Template.of(name);
        List<TensorRule> rules = family.tensors().getOrDefault(template.text(), List.of());
        for (TensorRule rule : rules) {
            if (!rule.holds(config)) {
                continue;
            }
            String made = rule.made(template.layer(), template.suffix());
            switch (rule.change()) {
                case SKIP -> {}
                case UNTIED -> {
                    if (!isTied()) {
                        put(made, rule.change(), 0, List.of(source));
                    }
                }
                case MXFP4, MXFP4_EVEN, MXFP4_ODD -> put(made, rule.change(), 0, List.of(source, scales(source)));
                case STACK -> stack(made, template.expert(), source);
                case GROUPS, GROUPS_TRANSPOSE, THIRDS ->
                    put(made, rule.change(), config.integer(rule.key(), 1), List.of(source));
                case INTERLEAVE -> {
                    String key = config.has(rule.key()) ? rule.key() : "num_attention_heads";
                    put(made, rule.change(), config.integer(key), List.of(source));
                }
                // Of a norm's gain and bias.
                case PLUS_ONE -> {
                    boolean gain = !template.suffix().equals(".bias");
                    put(made, gain ? rule.change() : TensorChange.NONE, 0, List.of(source));
                }
                case GROUPED, GROUPED_QUERIES, GROUPED_KEYS, GROUPED_VALUES -> {
                    HubTiling tiling = HubTiling.ofGroups(config, rule.key());
                    put(made, new HubTensor(made, rule.change(), 0, tiling, List.of(source)), source);
                }
                case LATENT_KEYS, LATENT_VALUES -> {
                    HubTiling tiling = HubTiling.ofLatents(config, rule.key());
                    put(made, new HubTensor(made, rule.change(), 0, tiling, List.of(source)), source);
                }
                default -> put(made, rule.change(), 0, List.of(source));
            }
        }
        return !rules.isEmpty();
    }

    private Source scales(Source codes) throws ModelFormatException {
        String name = codes.name().replace(CODES, SCALES);
        for (SafetensorsFile file : files) {
            if (file.tensors().containsKey(name)) {
                return new Source(file, name);
            }
        }
        throw codes.refuse("a tensor " + name + " beside it", "none");
    }

    private boolean isTied() {
        String key = config.has("tie_word_embeddings") ? "tie_word_embeddings" : "tie_embedding";
        return config.value(key).map(Boolean.TRUE::equals).orElse(family.tiesByDefault());
    }

    private void stack(String name, int expert, Source source) throws ModelFormatException {
        if (experts.computeIfAbsent(name, key -> new TreeMap<>()).put(expert, source) != null) {
            throw source.refuse("each tensor once", "another one for " + name);
        }
    }

    private void put(String name, TensorChange change, int heads, List<Source> sources) throws ModelFormatException {
        HubTiling tiling = change.isTiling() ? HubTiling.of(config) : HubTiling.NONE;
        put(name, new HubTensor(name, change, heads, tiling, sources), sources.getFirst());
    }

    private void put(String name, HubTensor tensor, Source source) throws ModelFormatException {
        HubTensor before = tensors.put(name, tensor);
        if (before != null) {
            throw source.refuse("each tensor once", "another one for " + name + ": " + before);
        }
    }
}
