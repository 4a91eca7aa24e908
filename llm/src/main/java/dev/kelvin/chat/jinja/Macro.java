// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, or the body of a call block, with the scope that it was defined in. */
final class Macro implements Callable, Attributed {
    /**
     * What a macro is before it is defined.
     *
     * @param special the slots of caller, kwargs and varargs; −1 for one that the body does not use
     * @param height of the body, in nodes
     */
    record Definition(String name, Parameters parameters, int[] special, Body body, int height) {
        static final int CALLER = 0;
        static final int KWARGS = 1;
        static final int VARARGS = 2;
    }

    /**
     * What a macro takes.
     *
     * @param defaults null for a parameter that has none
     * @param slots where the body finds them
     */
    record Parameters(List<String> names, Code[] defaults, int[] slots) {}

    /**
     * The body of a macro.
     *
     * @param layout of its scope
     * @param step what it does
     */
    record Body(Scope.Layout layout, Step step) {}

    private final Definition definition;
    private final Parameters parameters;
    private final Scope scope;

    Macro(Definition definition, Scope scope) {
        this.definition = definition;
        this.parameters = definition.parameters();
        this.scope = scope;
    }

    String name() {
        return definition.name();
    }

    @Override
    public Object attribute(String name) {
        return switch (name) {
            case "name" -> definition.name();
            case "arguments" -> new Tuple(parameters.names());
            case "catch_kwargs" -> definition.special()[Definition.KWARGS] >= 0;
            case "catch_varargs" -> definition.special()[Definition.VARARGS] >= 0;
            case "caller" -> definition.special()[Definition.CALLER] >= 0;
            default -> NONE;
        };
    }

    @Override
    public Object call(Render render, Arguments arguments) {
        render.budget().enter(definition.height() + 4);
        Scope inner = definition.body().layout().enter(render, scope);
        bind(inner.slots(), arguments);
        for (int i = 0; i < parameters.names().size(); i++) {
            int slot = parameters.slots()[i];
            if (Scope.isMissing(inner.slots()[slot])) {
                String name = parameters.names().get(i);
                inner.slots()[slot] = parameters.defaults()[i] == null
                        ? new Undefined(() -> "parameter '" + name + "' was not provided")
                        : parameters.defaults()[i].eval(inner);
            }
        }
        StringBuilder around = render.capture();
        definition.body().step().run(inner);
        render.budget().leave(definition.height() + 4);
        return render.release(around);
    }

    private void bind(Object[] slots, Arguments arguments) {
        List<Object> positional = arguments.positional();
        Map<String, Object> named = new LinkedHashMap<>(arguments.named());
        int count = parameters.names().size();
        for (int i = 0; i < count; i++) {
            String name = parameters.names().get(i);
            slots[parameters.slots()[i]] = i < positional.size()
                    ? positional.get(i)
                    : named.containsKey(name) ? named.remove(name) : Scope.MISSING;
        }
        int[] special = definition.special();
        if (special[Definition.CALLER] >= 0 && !parameters.names().contains("caller")) {
            Object caller = named.remove("caller");
            slots[special[Definition.CALLER]] = caller == null ? new Undefined(() -> "No caller defined") : caller;
        }
        if (special[Definition.KWARGS] >= 0) {
            Dict rest = new Dict();
            named.forEach(rest::put);
            slots[special[Definition.KWARGS]] = rest;
        } else if (!named.isEmpty()) {
            throw TemplateError.runtime("macro '" + name() + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        if (special[Definition.VARARGS] >= 0) {
            slots[special[Definition.VARARGS]] = new Tuple(
                    new ArrayList<>(positional.subList(Math.min(count, positional.size()), positional.size())));
        } else if (positional.size() > count) {
            throw TemplateError.runtime("macro '" + name() + "' takes not more than " + count + " argument(s)");
        }
    }
}
