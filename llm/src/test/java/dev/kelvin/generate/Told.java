// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.generate;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;

/** A listener that keeps what it is told. */
record Told(List<GeneratedToken> tokens, StringBuilder text) implements GenerationListener {
    Told() {
        this(new ArrayList<>(), new StringBuilder());
    }

    @Override
    public void token(GeneratedToken token) {
        tokens.add(token);
    }

    @Override
    public void text(String piece) {
        assertFalse(piece.isEmpty());
        text.append(piece);
    }

    List<Integer> ids() {
        return tokens.stream().map(GeneratedToken::id).toList();
    }
}
