// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Which layers see a window only. A config tells it layer by layer, by a period, or leaves it to its class; of GGUF's
 * readers most take a period and pass an array over.
 */
final class HubWindows {
    private static final String LAYERS = "num_hidden_layers";
    private static final String LAYER_TYPES = "layer_types";
    private static final int MOST_LAYERS = 10_000;
    private static final String PATTERN = "attention.sliding_window_pattern";
    private static final String WINDOW = "attention.sliding_window";

    /** Of releases of old, and of those that came after them. */
    private static final List<String> PERIODS = List.of("sliding_window_pattern", "_sliding_window_pattern");

    private final HubConfig config;
    private final Map<String, Object> keys;

    HubWindows(HubConfig config, Map<String, Object> keys) {
        this.config = config;
        this.keys = keys;
    }

    /** The number of layers, for each of which there may be an element of an array. */
    static int layers(HubConfig config) throws ModelFormatException {
        int layers = config.integer(LAYERS);
        if (layers < 1 || layers > MOST_LAYERS) {
            throw config.refuse(LAYERS, "1 to " + MOST_LAYERS);
        }
        return layers;
    }

    /**
     * A truth value a layer, where there is a window.
     *
     * @param usual the period where the config has none: every so manieth layer sees all positions
     */
    void layers(String name, int usual) throws ModelFormatException {
        boolean[] windows = config.has(LAYER_TYPES) ? types() : of(usual);
        if (keys.containsKey(WINDOW)) {
            keys.put(name, windows);
        }
    }

    /**
     * The period, where it is not the one that readers of the family know, and there is a window.
     *
     * @param usual the period that they know
     * @param orNone whether they know of models without windows
     */
    void period(int usual, boolean orNone) throws ModelFormatException {
        int found = usual;
        for (String key : PERIODS) {
            if (config.has(key)) {
                found = config.integer(key);
                if (found < 1) {
                    throw config.refuse(key, "at least 1");
                }
                break;
            }
        }
        if (config.has(LAYER_TYPES)) {
            boolean[] windows = types();
            found = Arrays.equals(windows, of(usual)) ? usual : shortest(windows);
            if (found == 0) {
                throw config.refuse(LAYER_TYPES, "every layer but each n-th sliding_attention");
            }
        }
        if (found == 1 && orNone) {
            keys.remove(WINDOW);
        }
        if (found != usual && keys.containsKey(WINDOW)) {
            keys.put(PATTERN, found);
        }
    }

    /** A period whose first layers see all positions, or where the layers have none, a truth value a layer. */
    void butFirst(String name) throws ModelFormatException {
        if (!config.has(LAYER_TYPES)) {
            return;
        }
        boolean[] windows = types();
        int usual = (Integer) keys.get(name);
        if (usual > 0 && holds(windows, i -> i % usual != 0)) {
            return;
        }
        for (int every = 1; every <= windows.length; every++) {
            int period = every;
            if (holds(windows, i -> i % period != 0)) {
                keys.put(name, period);
                return;
            }
        }
        keys.put(name, windows);
    }

    private boolean[] of(int every) throws ModelFormatException {
        boolean[] windows = new boolean[layers(config)];
        for (int i = 0; i < windows.length; i++) {
            windows[i] = (i + 1) % every != 0;
        }
        return windows;
    }

    /** The shortest period of these layers; 0 if they have none. */
    private static int shortest(boolean[] windows) {
        for (int every = 1; every <= windows.length + 1; every++) {
            int period = every;
            if (holds(windows, i -> (i + 1) % period != 0)) {
                return period;
            }
        }
        return 0;
    }

    private static boolean holds(boolean[] windows, IntPredicate rule) {
        for (int i = 0; i < windows.length; i++) {
            if (windows[i] != rule.test(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean[] types() throws ModelFormatException {
        List<String> types = config.strings(LAYER_TYPES);
        if (types.size() != layers(config)) {
            throw config.refuse(LAYER_TYPES, "one for each of " + layers(config) + " layers");
        }
        boolean[] windows = new boolean[types.size()];
        for (int i = 0; i < windows.length; i++) {
            windows[i] = types.get(i).equals("sliding_attention");
            if (!windows[i] && !types.get(i).equals("full_attention")) {
                throw config.refuse(LAYER_TYPES, "sliding_attention and full_attention");
            }
        }
        return windows;
    }
}
