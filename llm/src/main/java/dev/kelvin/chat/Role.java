// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.Arrays;
import java.util.Locale;

/** Who says a message. */
public enum Role {
    /** Whoever sets the scene. */
    SYSTEM,

    /** The same in newer models. */
    DEVELOPER,

    /** Whoever asks. */
    USER,

    /** The model. */
    ASSISTANT,

    /** A tool that the model called. */
    TOOL;

    /** The role as templates name it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The role of a name.
     *
     * @throws IllegalArgumentException if there is none, naming those that there are
     */
    public static Role named(String word) {
        return Arrays.stream(values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("chat: role '" + word + "' is none of "
                        + Arrays.stream(values()).map(Role::word).toList()));
    }
}
