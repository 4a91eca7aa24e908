// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Parses the statements of a template. */
final class Parser {
    private static final int MAX_DEPTH = 100;

    private final TokenStream stream;
    private final ExpressionParser expressions;
    private final java.util.Set<String> blocks = new HashSet<>();
    /** The tags that are open, the innermost first. */
    private final Deque<String> open = new ArrayDeque<>();

    private Parser(String source) {
        stream = new TokenStream(Lexer.tokens(source));
        expressions = new ExpressionParser(stream);
    }

    /** The statements of a {@linkplain Lexer#normalize normalized} text. */
    static List<Stmt> parse(String source) {
        Parser parser = new Parser(source);
        return parser.statements();
    }

    /** Statements up to the end, or up to a tag of one of these names, which becomes the current token. */
    private List<Stmt> statements(String... ends) {
        List<Stmt> statements = new ArrayList<>();
        while (!stream.is(Token.END)) {
            Token token = stream.next();
            switch (token.type()) {
                case Token.DATA -> statements.add(new Stmt.Data((String) token.value(), token.offset()));
                case Token.VARIABLE_BEGIN -> {
                    statements.add(new Stmt.Print(expressions.tuple(true, false, null), token.offset()));
                    stream.expect(Token.VARIABLE_END);
                }
                default -> {
                    if (Arrays.stream(ends).anyMatch(stream::isName)) {
                        return statements;
                    }
                    statements.add(statement(ends));
                    stream.expect(Token.BLOCK_END);
                }
            }
        }
        if (ends.length > 0) {
            throw stream.error("Unexpected end of template." + sought(ends));
        }
        return statements;
    }

    private String sought(String... ends) {
        if (ends.length == 0) {
            return "";
        }
        return " Jinja was looking for the following tags: '" + String.join("' or '", ends)
                + "'. The innermost block that needs to be closed is '" + open.peek() + "'.";
    }

    /** The body of a statement: from the end of its tag to a tag of one of these names, which is taken. */
    private List<Stmt> body(String... ends) {
        stream.skip(":");
        stream.expect(Token.BLOCK_END);
        return statements(ends);
    }

    private List<Stmt> bodyTo(String end) {
        List<Stmt> body = body(end);
        stream.next();
        return body;
    }

    private Stmt statement(String... ends) {
        if (!stream.is(Token.NAME)) {
            throw stream.error("tag name expected");
        }
        Token tag = stream.next();
        open.push((String) tag.value());
        if (open.size() > MAX_DEPTH) {
            throw TemplateError.syntax("statements nested deeper than " + MAX_DEPTH, tag.offset());
        }
        int offset = tag.offset();
        Stmt statement =
                switch ((String) tag.value()) {
                    case "for" -> loop(offset);
                    case "if" -> condition(offset);
                    case "set" -> set(offset);
                    case "macro" -> macro(offset);
                    case "call" -> callBlock(offset);
                    case "generation" -> new Stmt.Generation(generation(), offset);
                    case "filter" -> filterBlock(offset);
                    case "with" -> with(offset);
                    case "autoescape" -> new Stmt.Autoescape(expressions.expression(), bodyTo("endautoescape"), offset);
                    case "block" -> block(offset);
                    case "print" -> print(offset);
                    case "break", "continue" -> new Stmt.LoopControl(tag.isName("break"), offset);
                    case "extends" -> new Stmt.OtherTemplate(expressions.expression(), List.of(), offset);
                    case "include" -> include(offset);
                    case "import" -> imported(offset);
                    case "from" -> from(offset);
                    default -> {
                        open.pop();
                        throw TemplateError.syntax(
                                "Encountered unknown tag '" + tag.value() + "'." + sought(ends), offset);
                    }
                };
        open.pop();
        return statement;
    }

    private Stmt loop(int offset) {
        Stmt.Target target = target("in", true);
        stream.expectName("in");
        Expr sequence = expressions.tuple(false, false, "recursive");
        Expr test = stream.skipName("if") ? expressions.expression() : null;
        boolean recursive = stream.skipName("recursive");
        List<Stmt> body = body("endfor", "else");
        List<Stmt> otherwise = stream.next().isName("else") ? bodyTo("endfor") : List.of();
        return new Stmt.For(new Stmt.Head(target, sequence, test), recursive, body, otherwise, offset);
    }

    private Stmt condition(int offset) {
        List<Stmt.Branch> branches = new ArrayList<>();
        Token end;
        do {
            Expr test = expressions.tuple(false, false, null);
            branches.add(new Stmt.Branch(test, body("elif", "else", "endif")));
            end = stream.next();
        } while (end.isName("elif"));
        List<Stmt> otherwise = end.isName("else") ? bodyTo("endif") : List.of();
        return new Stmt.If(branches, otherwise, offset);
    }

    private Stmt set(int offset) {
        Stmt.Target target;
        if (stream.look().is(".")) {
            Token namespace = stream.expect(Token.NAME);
            stream.next();
            target = new Stmt.AttributeTarget(
                    (String) namespace.value(),
                    (String) stream.expect(Token.NAME).value(),
                    namespace.offset());
        } else {
            target = target(null, true);
        }
        if (stream.skip("=")) {
            return new Stmt.Set(target, expressions.tuple(true, false, null), offset);
        }
        Expr filter = stream.is("|") ? expressions.filters(false) : null;
        return new Stmt.SetBlock(target, filter, bodyTo("endset"), offset);
    }

    /** A name, or a tuple of targets. */
    private Stmt.Target target(String end, boolean tuple) {
        int offset = stream.current().offset();
        List<Stmt.Target> targets = new ArrayList<>();
        boolean isTuple = false;
        while (!stream.is(Token.BLOCK_END) && !stream.is(")") && (end == null || !stream.isName(end))) {
            targets.add(assignable(expressions.simple()));
            if (!tuple || !stream.is(",")) {
                break;
            }
            stream.next();
            isTuple = true;
        }
        if (targets.isEmpty()) {
            throw TemplateError.syntax("Expected an expression, got '" + stream.current() + "'", offset);
        }
        return isTuple ? new Stmt.TupleTarget(targets) : targets.getFirst();
    }

    private static Stmt.Target assignable(Expr expression) {
        return switch (expression) {
            case Expr.Name name -> new Stmt.NameTarget(name.name(), name.offset());
            case Expr.TupleOf tuple
            when !tuple.elements().isEmpty() ->
                new Stmt.TupleTarget(
                        tuple.elements().stream().map(Parser::assignable).toList());
            default ->
                throw TemplateError.syntax(
                        "can't assign to '"
                                + expression.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT) + "'",
                        expression.offset());
        };
    }

    private Stmt macro(int offset) {
        String name = (String) stream.expect(Token.NAME).value();
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        signature(parameters, defaults);
        List<Stmt> body = bodyTo("endmacro");
        return new Stmt.Macro(name, new Stmt.Routine(parameters, defaults, body), offset);
    }

    private void signature(List<String> parameters, List<Expr> defaults) {
        stream.expect("(");
        while (!stream.is(")")) {
            if (!parameters.isEmpty()) {
                stream.expect(",");
            }
            String name = (String) stream.expect(Token.NAME).value();
            if (parameters.contains(name)) {
                throw stream.error("duplicate argument '" + name + "'");
            }
            parameters.add(name);
            if (stream.skip("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw stream.error("non-default argument follows default argument");
            }
        }
        stream.expect(")");
    }

    private Stmt callBlock(int offset) {
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        if (stream.is("(")) {
            signature(parameters, defaults);
        }
        if (!(expressions.expression() instanceof Expr.Call call)) {
            throw TemplateError.syntax("expected call", offset);
        }
        return new Stmt.CallBlock(new Stmt.Routine(parameters, defaults, bodyTo("endcall")), call, offset);
    }

    private Stmt.Routine generation() {
        return new Stmt.Routine(List.of(), List.of(), bodyTo("endgeneration"));
    }

    private Stmt filterBlock(int offset) {
        Expr filter = expressions.filters(true);
        return new Stmt.FilterBlock(filter, bodyTo("endfilter"), offset);
    }

    private Stmt with(int offset) {
        List<Stmt.Target> targets = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!stream.is(Token.BLOCK_END)) {
            if (!targets.isEmpty()) {
                stream.expect(",");
            }
            targets.add(target(null, false));
            stream.expect("=");
            values.add(expressions.expression());
        }
        return new Stmt.With(targets, values, bodyTo("endwith"), offset);
    }

    private Stmt block(int offset) {
        String name = (String) stream.expect(Token.NAME).value();
        if (!blocks.add(name)) {
            throw TemplateError.syntax("block '" + name + "' defined twice", offset);
        }
        stream.skipName("scoped");
        stream.skipName("required");
        List<Stmt> body = bodyTo("endblock");
        stream.skipName(name);
        return new Stmt.Block(name, body, offset);
    }

    private Stmt print(int offset) {
        List<Expr> values = new ArrayList<>();
        while (!stream.is(Token.BLOCK_END)) {
            if (!values.isEmpty()) {
                stream.expect(",");
            }
            values.add(expressions.expression());
        }
        // Printing values one after the other is printing them joined.
        Expr all = new Expr.Concat(values, offset);
        return new Stmt.Print(values.size() == 1 ? values.getFirst() : all, offset);
    }

    private Stmt include(int offset) {
        Expr name = expressions.expression();
        if (stream.isName("ignore") && stream.look().isName("missing")) {
            stream.next();
            stream.next();
        }
        context();
        return new Stmt.OtherTemplate(name, List.of(), offset);
    }

    private boolean context() {
        boolean there = (stream.isName("with") || stream.isName("without"))
                && stream.look().isName("context");
        if (there) {
            stream.next();
            stream.next();
        }
        return there;
    }

    private Stmt imported(int offset) {
        Expr name = expressions.expression();
        stream.expectName("as");
        Token target = stream.expect(Token.NAME);
        context();
        return new Stmt.OtherTemplate(
                name, List.of(new Stmt.NameTarget((String) target.value(), target.offset())), offset);
    }

    private Stmt from(int offset) {
        Expr name = expressions.expression();
        stream.expectName("import");
        Map<String, Integer> names = new java.util.LinkedHashMap<>();
        do {
            if (context()) {
                break;
            }
            Token imported = stream.expect(Token.NAME);
            Token target = stream.skipName("as") ? stream.expect(Token.NAME) : imported;
            names.put((String) target.value(), target.offset());
        } while (!context() && stream.skip(","));
        List<Stmt.Target> targets = new ArrayList<>();
        names.forEach((target, place) -> targets.add(new Stmt.NameTarget(target, place)));
        return new Stmt.OtherTemplate(name, targets, offset);
    }
}
