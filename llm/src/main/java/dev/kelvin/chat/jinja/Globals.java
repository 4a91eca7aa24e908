// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;
import java.util.Map;

/** The functions that every template has. */
final class Globals {
    private static final Map<String, Callable> FUNCTIONS = Map.of(
            "range", Globals::range,
            "dict", Globals::dict,
            "namespace", (render, arguments) -> new Namespace(dict(render, arguments)),
            "lipsum", Globals::lipsum,
            "cycler", (render, arguments) -> new Cycler(arguments.positional()),
            "joiner", (render, arguments) -> joiner(arguments),
            "raise_exception", Globals::raiseException,
            "strftime_now", Globals::strftimeNow);

    private static final String LOREM = "Lorem ipsum dolor sit amet consectetur adipiscing elit.";

    private Globals() {}

    /** The function of a name, or {@link Scope#MISSING}. */
    static Object find(String name) {
        Callable function = FUNCTIONS.get(name);
        return function == null ? Scope.MISSING : function;
    }

    private static Object range(Render render, Arguments arguments) {
        Signature.Bound bound = Signature.of("range", "start stop? step?").bind(arguments);
        return bound.has(1)
                ? new Range(bound.integer(0, 0), bound.integer(1, 0), bound.integer(2, 1))
                : new Range(0, bound.integer(0, 0), 1);
    }

    private static Dict dict(Render render, Arguments arguments) {
        Budget budget = render.budget();
        Dict dict = new Dict();
        if (arguments.positional().size() > 1) {
            throw TemplateError.runtime("dict expected at most 1 argument, got "
                    + arguments.positional().size());
        }
        for (Object source : arguments.positional()) {
            if (source instanceof Dict other) {
                dict.putAll(other);
            } else {
                for (Object pair : Types.list(source, budget)) {
                    List<Object> both = Types.list(pair, budget);
                    if (both.size() != 2) {
                        throw TemplateError.runtime(
                                "dictionary update sequence element has length " + both.size() + "; 2 is required");
                    }
                    dict.put(both.get(0), both.get(1), budget);
                }
            }
        }
        arguments.named().forEach(dict::put);
        return dict;
    }

    /** Paragraphs to fill a page with; always the same ones. */
    private static Object lipsum(Render render, Arguments arguments) {
        Signature.Bound bound =
                Signature.of("generate_lorem_ipsum", "n? html? min? max?").bind(arguments);
        long count = Math.max(0, bound.integer(0, 5));
        boolean html = !bound.has(1) || bound.truth(1);
        String paragraph = html ? "<p>" + LOREM + "</p>" : LOREM;
        render.budget().chars(count > Integer.MAX_VALUE ? count : count * (paragraph.length() + 2));
        StringBuilder text = new StringBuilder();
        for (long i = 0; i < count; i++) {
            text.append(i == 0 ? "" : html ? "\n" : "\n\n").append(paragraph);
        }
        return html ? new Markup(text.toString()) : text.toString();
    }

    /** Gives nothing at first, and then always the separator. */
    private static Callable joiner(Arguments arguments) {
        Object separator = Signature.of("joiner", "sep?").bind(arguments).get(0, ", ");
        boolean[] used = {false};
        return (render, none) -> {
            Object result = used[0] ? separator : "";
            used[0] = true;
            return result;
        };
    }

    private static Object raiseException(Render render, Arguments arguments) {
        Object message =
                Signature.of("raise_exception", "message").bind(arguments).get(0);
        throw TemplateError.raised(Texts.str(message, render.budget()));
    }

    private static Object strftimeNow(Render render, Arguments arguments) {
        String format = Signature.of("strftime_now", "format").bind(arguments).text(0);
        return Strftime.format(format, render.now(), render.budget());
    }

    /** Gives its values one after the other, again and again. */
    private static final class Cycler implements Attributed {
        private final List<Object> values;
        private int at;

        Cycler(List<Object> values) {
            if (values.isEmpty()) {
                throw TemplateError.runtime("at least one item has to be provided");
            }
            this.values = values;
        }

        @Override
        public Object attribute(String name) {
            return switch (name) {
                case "current" -> values.get(at);
                case "next" -> (Callable) (render, arguments) -> next();
                case "reset" -> (Callable) (render, arguments) -> reset();
                case "items" -> new Tuple(values);
                case "pos" -> (long) at;
                default -> NONE;
            };
        }

        private Object next() {
            Object value = values.get(at);
            at = (at + 1) % values.size();
            return value;
        }

        private Object reset() {
            at = 0;
            return null;
        }
    }
}
