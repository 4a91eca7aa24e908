// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** One rendering of a template: its variables, its output so far, and what it may still use up. */
final class Render {
    private final Dict variables;
    private final Map<String, Object> assigned = new HashMap<>();
    private final Map<String, Step> blocks;
    private final LocalDateTime now;
    private final Budget budget;
    private StringBuilder out = new StringBuilder();
    private boolean autoescape;

    Render(Dict variables, Map<String, Step> blocks, LocalDateTime now, Budget budget) {
        this.variables = variables;
        this.blocks = blocks;
        this.now = now;
        this.budget = budget;
    }

    Budget budget() {
        return budget;
    }

    LocalDateTime now() {
        return now;
    }

    boolean autoescape() {
        return autoescape;
    }

    void autoescape(boolean active) {
        autoescape = active;
    }

    /** The value of a name that no scope has, or {@link Scope#MISSING}. */
    Object resolve(String name) {
        if (assigned.containsKey(name)) {
            return assigned.get(name);
        }
        Object value = variables.get(name, Scope.MISSING, budget);
        if (!Scope.isMissing(value)) {
            return value;
        }
        if (name.equals("self")) {
            return (Attributed) this::block;
        }
        return Globals.find(name);
    }

    private Object block(String name) {
        Step block = blocks.get(name);
        if (block == null) {
            return Attributed.NONE;
        }
        return (Callable) (render, arguments) -> {
            budget.enter(50);
            StringBuilder around = capture();
            block.run(new Scope(this, new Object[0], null));
            budget.leave(50);
            return release(around);
        };
    }

    /** Remembers what the outermost scope assigned, for the blocks. */
    void assign(String name, Object value) {
        assigned.put(name, value);
    }

    void print(Object value) {
        write(autoescape ? Markup.escape(value, budget).text() : Texts.str(value, budget));
    }

    void write(String text) {
        budget.output(out.length(), text.length());
        out.append(text);
    }

    /** Begins an output of its own; what is returned goes to {@link #release}. */
    StringBuilder capture() {
        StringBuilder around = out;
        out = new StringBuilder();
        return around;
    }

    /** Ends an output begun by {@link #capture}, and gives it; marked as safe where everything is escaped. */
    Object release(StringBuilder around) {
        String text = out.toString();
        out = around;
        return autoescape ? new Markup(text) : text;
    }

    String output() {
        return out.toString();
    }

    /** A dict as named arguments. */
    static Map<String, Object> named(Object value, Budget budget) {
        if (!(value instanceof Dict dict)) {
            throw TemplateError.runtime("argument after ** must be a mapping, not " + Types.name(value));
        }
        Map<String, Object> named = new LinkedHashMap<>();
        for (Object key : dict.keys()) {
            if (!Types.isText(key)) {
                throw TemplateError.runtime("keywords must be strings");
            }
            named.put(key.toString(), dict.get(key, null, budget));
        }
        return named;
    }
}
