// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

/** A value that can be called: a function, a method with its object, a macro. */
@FunctionalInterface
interface Callable {
    Object call(Render render, Arguments arguments);
}
