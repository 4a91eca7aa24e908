// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

/** A grammar or schema that is malformed, asks for what cannot be kept, or allows nothing at all. */
public final class GrammarException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param message one line that names the place */
    public GrammarException(String message) {
        super(message);
    }
}
