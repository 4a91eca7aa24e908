// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.Kelvin;

/** What a model is called by options, responses and observations. */
final class ModelName {
    private static final String KEY = "general.name";

    private ModelName() {}

    /** The name that is given, or that of the model's file, or that of the engine. */
    static String of(String given, Kelvin kelvin) {
        if (given != null && !given.isBlank()) {
            return given;
        }
        try {
            String own = kelvin.metadata().string(KEY, "");
            return own.isBlank() ? KelvinChatModel.PROVIDER : own;
        } catch (ModelFormatException e) {
            return KelvinChatModel.PROVIDER; // a key of another type, which names nothing
        }
    }

    /**
     * Checks that the model that is asked for is the one that there is.
     *
     * @param asked null for whichever there is
     * @throws IllegalArgumentException if it is another
     */
    static void check(String asked, String name) {
        if (asked != null && !asked.equals(name)) {
            throw new IllegalArgumentException("there is no model '" + asked + "' here, but '" + name + "'");
        }
    }
}
