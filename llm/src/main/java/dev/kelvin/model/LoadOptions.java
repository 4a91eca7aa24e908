// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.model;

import java.util.Objects;

/**
 * How a file is loaded.
 *
 * @param progress is told how far it is, and in one line each what a person should know
 * @param strict whether a key that nobody knows is refused, not only named
 * @param contextLength positions of the longest sequence that is asked for; 0 for what the file says. A model whose
 *     rotation depends on it (phi3) has its original context unless more is asked for
 */
public record LoadOptions(Progress progress, boolean strict, int contextLength) {
    /** Tells nobody anything. */
    public static final LoadOptions QUIET = new LoadOptions(Progress.NONE, false, 0);

    /** Rejects null. */
    public LoadOptions {
        Objects.requireNonNull(progress, "progress");
        if (contextLength < 0) {
            throw new IllegalArgumentException("load: a context of " + contextLength);
        }
    }

    /** Tells someone. */
    public static LoadOptions telling(Progress progress) {
        return new LoadOptions(progress, false, 0);
    }

    /** The same, refusing keys that nobody knows or not. */
    public LoadOptions withStrict(boolean strict) {
        return new LoadOptions(progress, strict, contextLength);
    }

    /** The same with room for so many positions. */
    public LoadOptions withContextLength(int contextLength) {
        return new LoadOptions(progress, strict, contextLength);
    }
}
