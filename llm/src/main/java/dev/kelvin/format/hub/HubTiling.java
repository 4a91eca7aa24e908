// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.format.hub;

import dev.kelvin.format.ModelFormatException;

/**
 * The order of heads of values that share heads of keys. On the hub those of one head of keys follow each other; in
 * GGUF head h shares head h % groups, so that the first ones of all come first. Or heads of queries that share heads of
 * keys, where the hub has them head of keys by head of keys.
 *
 * @param groups heads of keys
 * @param each heads of values, or of queries, of each
 * @param queriesAndKeys rows that stand before those of values where one tensor has all
 */
record HubTiling(int groups, int each, int queriesAndKeys) {
    static final HubTiling NONE = new HubTiling(1, 1, 0);

    /** As a config says. */
    static HubTiling of(HubConfig config) throws ModelFormatException {
        int keys = config.integer("linear_num_key_heads");
        int values = config.integer("linear_num_value_heads");
        int width = config.integer("linear_key_head_dim");
        if (keys < 1 || values < 1 || values % keys != 0) {
            throw config.refuse("linear_num_value_heads", "a multiple of linear_num_key_heads " + keys);
        }
        if (width < 1 || 2L * keys * width > Integer.MAX_VALUE) {
            throw config.refuse("linear_key_head_dim", "a positive number, small enough for a matrix");
        }
        return new HubTiling(keys, values / keys, 2 * keys * width);
    }

    /**
     * Heads of queries of each head of keys, as a config says.
     *
     * @param heads the key that has the heads of queries
     */
    static HubTiling ofGroups(HubConfig config, String heads) throws ModelFormatException {
        int queries = config.integer(heads);
        boolean one = isTrue(config, "multi_query") && !isTrue(config, "new_decoder_architecture");
        String key = config.has("num_kv_heads") ? "num_kv_heads" : "num_key_value_heads";
        int keys = one ? 1 : config.integer(key, queries);
        if (keys < 1 || queries < 1 || queries % keys != 0) {
            throw config.refuse(config.has(key) ? key : heads, "a divisor of " + heads + " " + queries);
        }
        return new HubTiling(keys, queries / keys, 0);
    }

    /** Heads that each have so many elements of a key, and values behind them, as a config says. */
    static HubTiling ofLatents(HubConfig config, String heads) throws ModelFormatException {
        int width = config.integer("qk_nope_head_dim");
        if (config.integer(heads) < 1 || width < 1) {
            throw config.refuse(width < 1 ? "qk_nope_head_dim" : heads, "at least 1");
        }
        return new HubTiling(config.integer(heads), 1, width);
    }

    private static boolean isTrue(HubConfig config, String key) {
        return config.value(key).map(Boolean.TRUE::equals).orElse(false);
    }

    /** The heads of values. */
    int heads() {
        return groups * each;
    }

    /** Elements of all keys. */
    int keys() {
        return queriesAndKeys / 2;
    }

    /** How many of so many rows are gates, where queries, keys, values and as many gates are rows; 0 if none can be. */
    int gates(int rows) {
        int others = rows - queriesAndKeys;
        return others > 0 && others % (2 * heads()) == 0 ? others / 2 : 0;
    }

    /** Which of so many rows comes to a place. */
    int source(int place, int rows) {
        int width = rows / heads();
        int head = place / width;
        return (head % groups * each + head / groups) * width + place % width;
    }
}
