// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A Jinja template, compiled once and rendered as often as one likes, from any number of threads. */
public final class Template {
    private static final int MAX_DEPTH = 1_000;

    /** Nine times what the longest of the published templates in the tests has. */
    private static final int MAX_LENGTH = 1 << 17;

    private final String source;
    private final StatementCompiler.Compiled compiled;

    private Template(String source, StatementCompiler.Compiled compiled) {
        this.source = source;
        this.compiled = compiled;
    }

    /**
     * Compiles a template.
     *
     * @param source its text
     * @return the template
     * @throws TemplateException of kind SYNTAX if it is no Jinja, or longer than 131,072 characters
     */
    public static Template compile(String source) throws TemplateException {
        if (source.length() > MAX_LENGTH) {
            throw new TemplateException(
                    TemplateException.Kind.SYNTAX, "a template longer than " + MAX_LENGTH + " characters", 0, 0);
        }
        String normalized = Lexer.normalize(source);
        try {
            return new Template(normalized, StatementCompiler.compile(Parser.parse(normalized)));
        } catch (TemplateError e) {
            throw e.in(normalized);
        }
    }

    /**
     * Renders the template.
     *
     * @param variables by name: null, strings, booleans, numbers, and lists and maps (with strings as keys) of such;
     *     they are copied
     * @param now what {@code strftime_now} shows
     * @param limits what the rendering may take
     * @return the text
     * @throws TemplateException if the template raises, asks of a value what it does not have, or exceeds a limit
     * @throws IllegalArgumentException if a variable is of another class
     */
    public String render(Map<String, ?> variables, LocalDateTime now, Limits limits) throws TemplateException {
        Objects.requireNonNull(now, "now");
        Budget budget = new Budget(limits);
        Dict values = (Dict) value(variables, 0);
        Render render = new Render(values, compiled.blocks(), now, budget);
        try {
            Macro.Body body = compiled.body();
            body.step().run(body.layout().enter(render, null));
            return render.output();
        } catch (TemplateError e) {
            throw e.in(source);
        }
    }

    /** Whether the text of the template contains a phrase. */
    public boolean mentions(String phrase) {
        return source.contains(phrase);
    }

    /** A value from outside as the engine keeps it. Lists are copied, because a template may shorten one. */
    private static Object value(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("template: a variable nested deeper than " + MAX_DEPTH);
        }
        return switch (value) {
            case null -> null;
            case String _, Boolean _, Long _, Double _ -> value;
            case Integer _, Short _, Byte _ -> ((Number) value).longValue();
            case Float number -> number.doubleValue();
            case BigInteger number -> Numbers.normal(number);
            case BigDecimal number -> number.doubleValue();
            case Map<?, ?> map -> {
                Dict dict = new Dict();
                map.forEach((key, element) -> dict.put(name(key), value(element, depth + 1)));
                yield dict;
            }
            case List<?> list -> {
                List<Object> copy = new ArrayList<>(list.size());
                list.forEach(element -> copy.add(value(element, depth + 1)));
                yield copy;
            }
            default ->
                throw new IllegalArgumentException("template: a variable of " + value.getClass() + ", which is no"
                        + " string, number, boolean, list or map");
        };
    }

    private static String name(Object key) {
        if (!(key instanceof String name)) {
            throw new IllegalArgumentException("template: a variable with the key " + key + ", which is no string");
        }
        return name;
    }
}
