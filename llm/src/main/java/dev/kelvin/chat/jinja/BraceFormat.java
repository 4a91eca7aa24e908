// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's {@code str.format}, which reaches attributes and elements by the rules of the sandbox. */
final class BraceFormat {
    private static final Pattern STEP = Pattern.compile("\\.([^.\\[]+)|\\[([^\\]]+)\\]");

    private final Arguments arguments;
    private final boolean safe;
    private final Render render;
    private int next;
    private boolean numbered;

    private BraceFormat(Arguments arguments, boolean safe, Render render) {
        this.arguments = arguments;
        this.safe = safe;
        this.render = render;
    }

    static String format(String template, Arguments arguments, boolean safe, Render render) {
        return new BraceFormat(arguments, safe, render).fill(template, 2);
    }

    private String fill(String template, int depth) {
        if (depth == 0) {
            throw TemplateError.runtime("Max string recursion exceeded");
        }
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at);
            if ((c == '{' || c == '}') && at + 1 < template.length() && template.charAt(at + 1) == c) {
                out.append(c);
                at += 2;
            } else if (c == '{') {
                int end = close(template, at + 1);
                out.append(field(template.substring(at + 1, end), depth));
                render.budget().chars(out.length() / 16);
                at = end + 1;
            } else if (c == '}') {
                throw TemplateError.runtime("Single '}' encountered in format string");
            } else {
                out.append(c);
                at++;
            }
        }
        render.budget().chars(out.length());
        return out.toString();
    }

    private static int close(String template, int from) {
        int open = 1;
        for (int i = from; i < template.length(); i++) {
            open += template.charAt(i) == '{' ? 1 : template.charAt(i) == '}' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw TemplateError.runtime(
                from == template.length()
                        ? "Single '{' encountered in format string"
                        : "expected '}' before end of string");
    }

    private String field(String field, int depth) {
        Budget budget = render.budget();
        int colon = field.indexOf(':');
        String head = colon < 0 ? field : field.substring(0, colon);
        int mark = head.indexOf('!');
        Object value = value(mark < 0 ? head : head.substring(0, mark));
        if (mark >= 0) {
            value = switch (head.substring(mark + 1)) {
                case "s" -> Texts.str(value, budget);
                case "r", "a" -> Texts.repr(value, budget);
                default -> throw TemplateError.runtime("Unknown conversion specifier " + head.substring(mark + 1));
            };
        }
        String spec = colon < 0 ? "" : fill(field.substring(colon + 1), depth - 1);
        if (!spec.isEmpty() && (value == null || value instanceof Dict || value instanceof java.util.List<?>)) {
            throw TemplateError.runtime("unsupported format string passed to " + Types.name(value) + ".__format__");
        }
        String text = spec.isEmpty()
                ? Texts.str(value, budget)
                : FormatSpec.parse(spec, budget).format(value, budget);
        return safe && !(value instanceof Markup) ? Markup.escape(text) : text;
    }

    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Object value = first(path.substring(0, end));
        Matcher step = STEP.matcher(path).region(end, path.length());
        while (step.lookingAt()) {
            if (step.group(1) != null) {
                value = Subscripts.attribute(value, step.group(1), render.budget());
            } else {
                String key = step.group(2);
                boolean number = key.length() < 10 && key.chars().allMatch(c -> c >= '0' && c <= '9');
                value = Subscripts.element(value, number ? (Object) Long.parseLong(key) : key, render.budget());
            }
            step.region(step.end(), path.length());
        }
        if (step.regionStart() < path.length()) {
            throw TemplateError.runtime("Empty attribute in format string");
        }
        return value;
    }

    private Object first(String name) {
        boolean number = name.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number) {
            if (!arguments.named().containsKey(name)) {
                throw TemplateError.runtime("'" + name + "'");
            }
            return arguments.named().get(name);
        }
        if (name.isEmpty() ? numbered : next > 0) {
            throw TemplateError.runtime("cannot switch between automatic and manual field numbering");
        }
        numbered = !name.isEmpty();
        long index = name.isEmpty() ? next++ : name.length() > 9 ? Long.MAX_VALUE : Long.parseLong(name);
        if (index >= arguments.positional().size()) {
            throw TemplateError.runtime("Replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get((int) index);
    }
}
