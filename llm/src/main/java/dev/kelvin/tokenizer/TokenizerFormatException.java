// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.tokenizer;

import java.io.IOException;

/** A tokenizer file says what cannot be understood or is not supported; the message says where. */
public final class TokenizerFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A defect.
     *
     * @param where the field, such as {@code normalizer.pattern}
     * @param what is wrong with it
     */
    TokenizerFormatException(String where, String what) {
        super("tokenizer.json: " + where + ": " + what);
    }
}
