// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** A compiled expression. */
@FunctionalInterface
interface Code {
    Object eval(Scope scope);

    /** This code, whose errors learn that they happened at an offset of the source. */
    default Code at(int offset) {
        return scope -> {
            try {
                return eval(scope);
            } catch (TemplateError e) {
                throw e.at(offset);
            }
        };
    }
}
