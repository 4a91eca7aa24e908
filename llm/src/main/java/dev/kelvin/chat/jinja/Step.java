// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** A compiled statement. */
@FunctionalInterface
interface Step {
    /** How a statement ended. */
    enum Signal {
        NEXT,
        BREAK,
        CONTINUE
    }

    Signal run(Scope scope);
}
