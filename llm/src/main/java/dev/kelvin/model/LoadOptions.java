// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Objects;

/**
 * How a file is loaded.
 *
 * @param progress is told how far it is, and in one line each what a person should know
 * @param strict whether a key that nobody knows is refused, not only named
 */
public record LoadOptions(Progress progress, boolean strict) {
    /** Tells nobody anything. */
    public static final LoadOptions QUIET = new LoadOptions(Progress.NONE, false);

    /** Rejects null. */
    public LoadOptions {
        Objects.requireNonNull(progress, "progress");
    }

    /** Tells someone. */
    public static LoadOptions telling(Progress progress) {
        return new LoadOptions(progress, false);
    }
}
