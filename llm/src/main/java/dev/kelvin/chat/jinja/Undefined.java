// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.function.Supplier;

/** What a name or attribute is that does not exist: prints as nothing, iterates as nothing, and allows little else. */
final class Undefined {
    private final Supplier<String> message;

    /** @param message why, made only if somebody asks for more than an undefined value has */
    Undefined(Supplier<String> message) {
        this.message = message;
    }

    static Undefined name(String name) {
        return new Undefined(() -> "'" + name + "' is undefined");
    }

    static Undefined attribute(Object owner, Object name) {
        return new Undefined(() -> {
            String type = owner == null ? "None" : Types.name(owner) + " object";
            return name instanceof String text
                    ? "'" + type + "' has no attribute '" + text + "'"
                    : type + " has no element " + (name instanceof Number ? name : Types.name(name));
        });
    }

    /** What the sandbox keeps away. */
    static Undefined unsafe(Object owner, String name) {
        return new Undefined(
                () -> "access to attribute '" + name + "' of '" + Types.name(owner) + "' object is unsafe.");
    }

    TemplateError error() {
        return TemplateError.runtime(message.get());
    }

    /** Like Python's class, all of them are equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 1;
    }
}
