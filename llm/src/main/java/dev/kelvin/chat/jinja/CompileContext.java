// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.function.Supplier;

/** Where in a template the compiler is: the scope, and what is around it. */
final class CompileContext {
    /** Nodes within each other that one template may have. */
    private static final int MAX_DEPTH = 400;

    private Symbols symbols = Symbols.within(null);
    private boolean outermost = true;
    private boolean conditional;
    private boolean loop;
    private int depth;
    private int deepest;

    Symbols symbols() {
        return symbols;
    }

    /** Whether assignments here are seen by blocks. */
    boolean outermost() {
        return outermost;
    }

    /** Whether an unknown filter or test may stand here, and only matters when it is reached. */
    boolean conditional() {
        return conditional;
    }

    /** Whether {@code break} may stand here. */
    boolean loop() {
        return loop;
    }

    void loop(boolean inside) {
        loop = inside;
    }

    /** Does something in a scope of its own. */
    <T> T within(Symbols scope, Supplier<T> body) {
        Symbols around = symbols;
        boolean wasOutermost = outermost;
        boolean wasConditional = conditional;
        boolean wasLoop = loop;
        symbols = scope;
        outermost = false;
        conditional = false;
        T result = body.get();
        symbols = around;
        outermost = wasOutermost;
        conditional = wasConditional;
        loop = wasLoop;
        return result;
    }

    /** Does something that may never be reached. */
    <T> T conditionally(Supplier<T> body) {
        boolean before = conditional;
        conditional = true;
        T result = body.get();
        conditional = before;
        return result;
    }

    void enter(int offset) {
        depth++;
        deepest = Math.max(deepest, depth);
        if (depth > MAX_DEPTH) {
            throw TemplateError.syntax("nested deeper than " + MAX_DEPTH + " nodes", offset);
        }
    }

    void leave() {
        depth--;
    }

    /** How many nodes lie within each other in what {@code body} compiles. */
    <T> Measured<T> measured(Supplier<T> body) {
        int outside = deepest;
        deepest = depth;
        T result = body.get();
        int height = deepest - depth;
        deepest = Math.max(outside, deepest);
        return new Measured<>(result, height);
    }

    /**
     * A result with its height.
     *
     * @param height in nodes
     */
    record Measured<T>(T result, int height) {}
}
