// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Sizes that GGUF has and a config does not, but for the numbers that they are made of. */
final class HubSizes {
    private final HubConfig config;
    private final Map<String, Object> keys;

    HubSizes(HubConfig config, Map<String, Object> keys) {
        this.config = config;
        this.keys = keys;
    }

    /** One line of {@code families.txt} without its first word. */
    void apply(List<String> words) throws ModelFormatException {
        String first = words.get(1);
        String second = words.get(2);
        String name = words.getLast();
        switch (words.getFirst()) {
            case "product" -> keys.put(name, product(first, second));
            case "sum" -> keys.put(name, sum(first, second));
            case "quotient" -> keys.put(name, quotient(first, second));
            case "windows" -> windows(first, second, name);
            case "doubled" -> doubled(first, second, words.get(3), name);
            case "whether" -> keys.put(name, config.string(first, "").equals(second));
            case "adjusted" -> keys.put(name, adjusted(first, second));
            case "times" -> keys.put(name, (float) (config.real(first, 1) * Double.parseDouble(second)));
            case "ratio" -> keys.put(name, (float) (config.real(first) / config.real(second)));
            case "by-root" -> keys.put(name, (float) (config.real(first) / Math.sqrt(config.integer(second))));
            case "either" -> keys.put(name, config.integer(config.integer(first, 0) > 0 ? second : words.get(3)));
            default -> throw new AssertionError("families.txt: sizes-of " + words);
        }
    }

    private int product(String first, String second) throws ModelFormatException {
        double product = config.real(first) * config.integer(second);
        if (!(product >= 1) || product > Integer.MAX_VALUE) {
            throw config.refuse(first, "a number whose product with " + second + " is in [1, 2^31)");
        }
        return (int) product;
    }

    private int sum(String first, String second) throws ModelFormatException {
        long sum = (long) config.integer(first) + config.integer(second);
        if (sum < 1 || sum > Integer.MAX_VALUE) {
            throw config.refuse(first, "a number whose sum with " + second + " is in [1, 2^31)");
        }
        return (int) sum;
    }

    private int quotient(String name, String divisor) throws ModelFormatException {
        int all = (Integer) keys.get(name);
        int each = config.integer(divisor);
        if (each < 1 || all % each != 0) {
            throw config.refuse(divisor, "a divisor of " + all);
        }
        return all / each;
    }

    /** A width, by a second name too, or where a flag says so the multiple of a number that two thirds of it make. */
    private int adjusted(String key, String other) throws ModelFormatException {
        String name = config.has(other) ? other : key;
        int width = config.integer(name);
        if (config.value("block_auto_adjust_ff_dim").map(Boolean.TRUE::equals).orElse(false)) {
            double part = (int) (2L * width / 3) * config.real("block_ffn_dim_multiplier", 1);
            long multiple = config.integer("block_multiple_of", 256);
            if (multiple < 1 || !(part >= 1 && part < Integer.MAX_VALUE - multiple)) {
                throw config.refuse(name, "a width that can be adjusted");
            }
            return (int) (multiple * Math.ceilDiv((long) part, multiple));
        }
        return width;
    }

    /** One number in layers with a window and another in the rest, where the config has another. */
    private void windows(String near, String far, String name) throws ModelFormatException {
        int usual = config.integer(near);
        keys.put(name, usual);
        if (config.has(far)) {
            boolean[] windows = (boolean[]) keys.get("attention.sliding_window_pattern");
            int[] each = new int[windows.length];
            for (int i = 0; i < each.length; i++) {
                each[i] = windows[i] ? usual : config.integer(far);
            }
            keys.put(name, each);
        }
    }

    /** A number that is twice as large in the last layers, as many as a key says, where a flag is set. */
    private void doubled(String key, String flag, String count, String name) throws ModelFormatException {
        int usual = config.integer(key);
        keys.put(name, usual);
        if (config.value(flag).map(Boolean.TRUE::equals).orElse(false)) {
            int layers = (Integer) keys.get("block_count");
            int last = config.integer(count, 0);
            if (last < 0 || last > layers || layers > 10_000 || usual > Integer.MAX_VALUE / 2) {
                throw config.refuse(count, "at most the " + layers + " layers");
            }
            int[] each = new int[layers];
            Arrays.fill(each, usual);
            Arrays.fill(each, layers - last, layers, 2 * usual);
            keys.put(name, each);
        }
    }
}
