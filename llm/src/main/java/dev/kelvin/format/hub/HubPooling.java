// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a folder makes vectors of texts: {@code modules.json} of sentence-transformers names the steps, and the folder of
 * each has its config. Steps that multiply the pooled vector once more become GGUF's {@code dense_2} and
 * {@code dense_3} where the family has them, and are refused elsewhere.
 */
final class HubPooling {
    private static final String KEY = "pooling_type";
    private static final long LONGEST = 1 << 20;
    private static final String WEIGHTS = "model.safetensors";

    /** GGUF's names of such steps, in their order. */
    private static final List<String> DENSE = List.of("dense_2", "dense_3");

    /** Fields of a pooling's config, with the numbers of llama.h. */
    private static final Map<String, Integer> TYPES = new LinkedHashMap<>();

    /** What the one field of newer configs says. */
    private static final Map<String, Integer> MODES = Map.of("mean", 1, "cls", 2, "lasttoken", 3);

    static {
        TYPES.put("pooling_mode_mean_tokens", 1);
        TYPES.put("pooling_mode_cls_token", 2);
        TYPES.put("pooling_mode_lasttoken", 3);
    }

    private HubPooling() {}

    /**
     * Adds the kind of pooling, and the widths of what follows it, to the keys, if there is such a file.
     *
     * @param multiplies whether models of the family may multiply once more
     * @return the steps that do
     */
    static List<HubDense> of(Path modules, Map<String, Object> keys, boolean multiplies) throws IOException {
        List<HubDense> dense = new ArrayList<>();
        if (!Files.isRegularFile(modules)) {
            return dense;
        }
        for (Object each : steps(modules)) {
            Object type = each instanceof Map<?, ?> step ? step.get("type") : null;
            Object path = each instanceof Map<?, ?> step ? step.get("path") : null;
            if (!(type instanceof String name) || !(path instanceof String folder)) {
                throw bad(modules, "steps with a type and a path", String.valueOf(each));
            }
            boolean isDense = name.endsWith(".Dense");
            if (isDense && (!multiplies || dense.size() == DENSE.size())) {
                throw bad(modules, "steps that GGUF has too (Transformer, Pooling, Normalize)", name);
            }
            if (isDense || name.endsWith(".Pooling")) {
                if (!folder.matches("[\\w-]+")) {
                    throw bad(modules, "the name of a folder beside it", folder);
                }
                Path config = modules.resolveSibling(folder).resolve(HubFolder.CONFIG);
                if (isDense) {
                    dense.add(dense(config, DENSE.get(dense.size()), keys));
                } else {
                    keys.put(KEY, type(config));
                }
            }
        }
        return dense;
    }

    private static HubDense dense(Path file, String tensor, Map<String, Object> keys) throws IOException {
        HubConfig config = HubConfig.read(file);
        String activation = config.string("activation_function", "torch.nn.modules.linear.Identity");
        if (!activation.endsWith(".Identity")) {
            throw config.refuse("activation_function", "torch.nn.modules.linear.Identity");
        }
        if (config.value("bias").map(Boolean.TRUE::equals).orElse(false)) {
            throw config.refuse("bias", "false");
        }
        keys.put(tensor + "_feat_in", config.integer("in_features"));
        keys.put(tensor + "_feat_out", config.integer("out_features"));
        return new HubDense(tensor + ".weight", file.resolveSibling(WEIGHTS));
    }

    private static List<?> steps(Path modules) throws IOException {
        if (Files.size(modules) > LONGEST) {
            throw bad(modules, "at most " + LONGEST + " bytes", Files.size(modules) + " bytes");
        }
        try {
            if (JsonReader.read(Files.readAllBytes(modules)) instanceof List<?> list) {
                return list;
            }
        } catch (JsonSyntaxException e) {
            throw new ModelFormatException(modules, "file", e.offset(), "a JSON array", e.getMessage());
        }
        throw bad(modules, "a JSON array", "another value");
    }

    private static int type(Path config) throws IOException {
        HubConfig pooling = HubConfig.read(config);
        String found = "";
        for (String field : TYPES.keySet()) {
            if (pooling.value(field).map(Boolean.TRUE::equals).orElse(false)) {
                if (!found.isEmpty()) {
                    throw pooling.refuse(field, "false, as " + found + " is true");
                }
                found = field;
            }
        }
        Integer mode = found.isEmpty() ? MODES.get(pooling.string("pooling_mode", "")) : null;
        if (mode != null) {
            return mode;
        }
        if (found.isEmpty()) {
            throw new ModelFormatException(
                    config, "file", -1, "one of " + String.join(", ", TYPES.keySet()) + " that is true", "none");
        }
        return TYPES.get(found);
    }

    private static ModelFormatException bad(Path file, String expected, String found) {
        return new ModelFormatException(file, "file", -1, expected, found);
    }
}
