// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns a config into GGUF's metadata, line by line of what its family has in {@code families.txt}. */
final class HubMetadata {
    private static final String LAYER_TYPES = "layer_types";
    private static final String ATTENTION_LAYERS = "full_attn_idxs";
    private static final int USUAL_INTERVAL = 4;

    private final HubConfig config;
    private final Map<String, Object> keys = new LinkedHashMap<>();
    private final Map<String, float[]> tensors = new LinkedHashMap<>();
    private String architecture;
    private List<HubDense> dense = List.of();

    HubMetadata(HubConfig config, HubFamily family) throws IOException {
        this.config = config;
        architecture = family.architecture();
        for (List<String> words : family.keys()) {
            apply(words);
        }
    }

    /** Metadata by GGUF's full names. */
    Map<String, Object> all() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("general.architecture", architecture);
        keys.forEach((key, value) -> all.put(architecture + "." + key, value));
        return all;
    }

    /** Vectors that GGUF has as tensors, and the hub in the config. */
    Map<String, float[]> tensors() {
        return tensors;
    }

    /** Matrices that a text's vector is multiplied with, in files of their own. */
    List<HubDense> dense() {
        return dense;
    }

    private void apply(List<String> words) throws IOException {
        List<String> rest = words.subList(1, words.size());
        switch (words.getFirst()) {
            case "integer", "real" -> copy(words.getFirst().equals("real"), rest);
            case "text" -> text(rest.get(0), rest.get(1));
            case "constant" -> keys.put(rest.get(0), constant(rest.get(1)));
            case "method" -> method(rest.getFirst());
            case "pooling" ->
                dense = HubPooling.of(config.path().resolveSibling("modules.json"), keys, rest.contains("multiplies"));
            case "check" -> check(rest.getFirst(), rest.subList(1, rest.size()));
            case "pattern" -> new HubWindows(config, keys).layers(rest.getFirst(), Integer.parseInt(rest.get(1)));
            case "period" ->
                new HubWindows(config, keys).period(Integer.parseInt(rest.getFirst()), rest.contains("or-none"));
            case "pattern-but-first" -> new HubWindows(config, keys).butFirst(rest.getFirst());
            case "layers-of" -> layersOf(rest.get(0), rest.get(1), rest.get(2));
            case "sizes-of" -> new HubSizes(config, keys).apply(rest);
            case "states-of" -> states(rest.get(0), rest.get(1), rest.get(2));
            case "within" -> within(rest.getFirst());
            case "turns" -> turns(rest.get(0), Integer.parseInt(rest.get(1)));
            case "where" -> where(rest.get(0), rest.get(1), rest.subList(2, rest.size()));
            case "groups" ->
                keys.put(rest.get(1), HubTiling.ofGroups(config, rest.get(0)).groups());
            case "only" -> only(rest.get(0), rest.get(1), rest.get(2));
            case "scale-of" -> scaleOf(rest.get(0), rest.size() == 1 ? 0 : Integer.parseInt(rest.get(1)));
            case "four-times" -> keys.put(rest.get(2), config.integer(rest.get(0), 4 * config.integer(rest.get(1))));
            case "rope" -> {
                HubRope rope = new HubRope(config, headDim(), keys, tensors);
                for (String word : rest) {
                    rope.usual(word);
                }
                rope.scaling();
            }
            case "tenth" -> keys.computeIfPresent(rest.getFirst(), (key, value) -> (Float) value / 10);
            case "rope-width" -> {
                HubRope rope = new HubRope(config, headDim(), keys, tensors);
                rope.width(rest.isEmpty() ? 1 : Double.parseDouble(rest.getFirst()));
            }
            case "rope-sections" -> new HubRope(config, headDim(), keys, tensors).sections();
            case "tied" -> {} // about tensors
            default -> throw new AssertionError("families.txt: " + words);
        }
    }

    private int headDim() throws ModelFormatException {
        int headDim = keys.get("attention.key_length") instanceof Integer width ? width : usualHeadDim();
        if (headDim < 1 || headDim > 1 << 16) {
            throw config.refuse("head_dim", "1 to 65536");
        }
        return headDim;
    }

    private int usualHeadDim() throws ModelFormatException {
        int heads = config.integer("num_attention_heads");
        if (heads < 1) {
            throw config.refuse("num_attention_heads", "at least 1");
        }
        return config.integer("head_dim", config.integer("hidden_size") / heads);
    }

    private void copy(boolean real, List<String> words) throws ModelFormatException {
        String key = words.getFirst().replaceFirst("[?=].*", "");
        String otherwise = words.getFirst().substring(key.length());
        if (!config.has(key) && otherwise.equals("?")) {
            return;
        }
        Object value;
        if (!config.has(key) && otherwise.startsWith("=")) {
            value = real ? (Object) Float.valueOf(otherwise.substring(1)) : Integer.valueOf(otherwise.substring(1));
        } else if (real) {
            value = (float) config.real(key);
        } else {
            value = config.integer(key);
        }
        for (String name : words.subList(1, words.size())) {
            keys.put(name, value);
        }
    }

    private void text(String key, String name) throws ModelFormatException {
        String plain = key.replace("?", "");
        if (config.has(plain)) {
            keys.put(name, config.string(plain, ""));
        } else if (plain.equals(key)) {
            throw config.refuse(key, "a text");
        }
    }

    private static Object constant(String value) {
        return switch (value) {
            case "true", "false" -> Boolean.valueOf(value);
            default -> value.matches("\\d+") ? (Object) Integer.valueOf(value) : value;
        };
    }

    private void method(String name) throws ModelFormatException {
        HubConfig quantization = config.object("quantization_config");
        if (!quantization.string("quant_method", name).equals(name)) {
            throw quantization.refuse("quant_method", name);
        }
    }

    private void check(String key, List<String> allowed) throws ModelFormatException {
        if (config.has(key)
                && !allowed.contains(config.value(key).orElseThrow().toString().replace(" ", ""))) {
            throw config.refuse(key, allowed.isEmpty() ? "nothing" : String.join(" or ", allowed));
        }
    }

    private int layers() throws ModelFormatException {
        return HubWindows.layers(config);
    }

    private List<String> layerTypes(int layers) throws ModelFormatException {
        if (!config.has(LAYER_TYPES) && config.has(ATTENTION_LAYERS)) {
            String[] types = new String[layers];
            Arrays.fill(types, "conv");
            for (float index : config.reals(ATTENTION_LAYERS)) {
                if (!(index >= 0 && index < layers)) {
                    throw config.refuse(ATTENTION_LAYERS, "numbers of layers in [0, " + layers + ")");
                }
                types[(int) index] = "full_attention";
            }
            return List.of(types);
        }
        List<String> types = config.strings(LAYER_TYPES);
        if (types.size() != layers) {
            throw config.refuse(LAYER_TYPES, "one for each of " + layers + " layers");
        }
        return types;
    }

    private void layersOf(String key, String name, String type) throws ModelFormatException {
        int value = config.integer(key);
        List<Integer> each = new ArrayList<>();
        for (String found : layerTypes(layers())) {
            each.add(found.equals(type) ? value : 0);
        }
        keys.put(name, each.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Which layers have a state: by the interval of the others, or layer by layer where the config does so. */
    private void states(String type, String interval, String name) throws ModelFormatException {
        int every = config.integer(interval, USUAL_INTERVAL);
        if (every < 1) {
            throw config.refuse(interval, "at least 1");
        }
        boolean[] usual = new boolean[layers()];
        boolean[] found = new boolean[usual.length];
        for (int i = 0; i < usual.length; i++) {
            usual[i] = i % every != every - 1;
            found[i] = config.has(LAYER_TYPES) ? layerTypes(usual.length).get(i).equals(type) : usual[i];
        }
        keys.put(interval, every);
        if (!Arrays.equals(usual, found)) {
            keys.put(name, found);
        }
    }

    /** A window that GGUF has no word for is none for texts that fit into it. */
    private void within(String window) throws ModelFormatException {
        if (config.has(window)) {
            int width = config.integer(window);
            if (width < 1) {
                throw config.refuse(window, "at least 1 position");
            }
            keys.merge("context_length", width, (context, wide) -> Math.min((Integer) context, (Integer) wide));
        }
    }

    /** Layers that turn, 1, and that do not, 0, must be as GGUF's files of the family have them. */
    private void turns(String key, int every) throws ModelFormatException {
        if (config.has(key)) {
            float[] found = config.reals(key);
            for (int i = 0; i < Math.max(found.length, layers()); i++) {
                if (i >= found.length || i >= layers() || found[i] != (i % every == every - 1 ? 0 : 1)) {
                    throw config.refuse(key, "1 for every layer, but 0 for each " + every + "th");
                }
            }
        }
    }

    /** Another architecture, if all layers are of this type: one for mixtures, or one without. */
    private void only(String type, String dense, String mixture) throws ModelFormatException {
        if (layerTypes(layers()).stream().allMatch(type::equals)) {
            architecture = config.integer("num_local_experts", 0) > 0 ? mixture : dense;
            keys.keySet().removeIf(key -> key.startsWith("ssm."));
        }
    }

    /** Another architecture where a key is set, with integers that only that one has. */
    private void where(String key, String other, List<String> integers) throws ModelFormatException {
        if (config.isSet(key)) {
            architecture = other;
            for (int i = 0; i < integers.size(); i += 2) {
                keys.put(integers.get(i + 1), config.integer(integers.get(i)));
            }
        }
    }

    /** A factor of the scores that readers would not take; in models of so many layers they divide by another width. */
    private void scaleOf(String key, int layers) throws ModelFormatException {
        int width = layers() == layers
                ? config.integer("hidden_size") / (Integer) keys.get("attention.head_count")
                : headDim();
        if (config.has(key) && config.real(key) != width) {
            keys.put("attention.scale", (float) (1 / Math.sqrt(config.real(key))));
        }
    }
}
