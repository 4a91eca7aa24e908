// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import dev.kelvin.chat.jinja.Step.Signal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Turns statements into steps. */
final class StatementCompiler {
    private final CompileContext context = new CompileContext();
    private final ExpressionCompiler expressions = new ExpressionCompiler(context);
    private final Assignments assignments = new Assignments(context);
    private final Map<String, Step> blocks = new HashMap<>();

    /**
     * A whole template.
     *
     * @param blocks by name
     */
    record Compiled(Macro.Body body, Map<String, Step> blocks) {}

    static Compiled compile(List<Stmt> statements) {
        StatementCompiler compiler = new StatementCompiler();
        new SymbolVisitor(compiler.context.symbols()).statements(statements);
        Step step = compiler.sequence(statements);
        return new Compiled(new Macro.Body(new Scope.Layout(compiler.context.symbols()), step), compiler.blocks);
    }

    private Step sequence(List<Stmt> statements) {
        Step[] steps = new Step[statements.size()];
        int[] offsets = new int[steps.length];
        for (int i = 0; i < steps.length; i++) {
            offsets[i] = statements.get(i).offset();
            context.enter(offsets[i]);
            steps[i] = compile(statements.get(i));
            context.leave();
        }
        return scope -> run(steps, offsets, scope);
    }

    private static Signal run(Step[] steps, int[] offsets, Scope scope) {
        for (int i = 0; i < steps.length; i++) {
            try {
                scope.budget().step();
                Signal signal = steps[i].run(scope);
                if (signal != Signal.NEXT) {
                    return signal;
                }
            } catch (TemplateError e) {
                throw e.at(offsets[i]);
            }
        }
        return Signal.NEXT;
    }

    private Step compile(Stmt statement) {
        return switch (statement) {
            case Stmt.Data e -> data(e.text());
            case Stmt.Print e -> print(expressions.compile(e.value()));
            case Stmt.For e -> loop(e);
            case Stmt.If e -> context.conditionally(() -> condition(e));
            case Stmt.Set e -> set(e);
            case Stmt.SetBlock e -> setBlock(e);
            case Stmt.Macro e -> macro(e);
            case Stmt.CallBlock e -> callBlock(e);
            case Stmt.Generation e -> generation(e);
            case Stmt.FilterBlock e -> filterBlock(e);
            case Stmt.With e -> with(e);
            case Stmt.Autoescape e -> autoescape(e);
            case Stmt.Block e -> block(e);
            case Stmt.LoopControl e -> loopControl(e);
            case Stmt.OtherTemplate e -> otherTemplate(expressions.compile(e.name()));
        };
    }

    private static Step data(String text) {
        return scope -> {
            scope.render().write(text);
            return Signal.NEXT;
        };
    }

    private static Step print(Code value) {
        return scope -> {
            scope.render().print(value.eval(scope));
            return Signal.NEXT;
        };
    }

    private Step condition(Stmt.If statement) {
        int count = statement.branches().size();
        Code[] tests = new Code[count];
        Step[] bodies = new Step[count];
        for (int i = 0; i < count; i++) {
            tests[i] = expressions.compile(statement.branches().get(i).test());
            bodies[i] = sequence(statement.branches().get(i).body());
        }
        Step otherwise = sequence(statement.otherwise());
        return scope -> {
            for (int i = 0; i < tests.length; i++) {
                if (Types.truth(tests[i].eval(scope))) {
                    return bodies[i].run(scope);
                }
            }
            return otherwise.run(scope);
        };
    }

    private Step set(Stmt.Set statement) {
        Code value = expressions.compile(statement.value());
        Assignments.Assignment assignment = assignments.compile(statement.target());
        return scope -> {
            assignment.assign(scope, value.eval(scope));
            return Signal.NEXT;
        };
    }

    /** Compiles statements in a scope of their own. */
    private Macro.Body inner(List<Stmt> statements) {
        Symbols symbols = Symbols.within(context.symbols());
        new SymbolVisitor(symbols).statements(statements);
        return inner(symbols, () -> sequence(statements));
    }

    private Macro.Body inner(Symbols symbols, Supplier<Step> body) {
        return context.within(symbols, () -> {
            Step step = body.get();
            return new Macro.Body(new Scope.Layout(symbols), step);
        });
    }

    /** What a body prints, as a value. */
    private static Code captured(Macro.Body body) {
        return scope -> {
            Render render = scope.render();
            StringBuilder around = render.capture();
            body.step().run(body.layout().enter(render, scope));
            return render.release(around);
        };
    }

    private Step setBlock(Stmt.SetBlock statement) {
        Code body = captured(inner(statement.body()));
        Code value = statement.filter() == null ? body : expressions.filterBlock(statement.filter(), body);
        Assignments.Assignment assignment = assignments.compile(statement.target());
        return scope -> {
            assignment.assign(scope, value.eval(scope));
            return Signal.NEXT;
        };
    }

    private Step filterBlock(Stmt.FilterBlock statement) {
        return print(expressions.filterBlock(statement.filter(), captured(inner(statement.body()))));
    }

    private Step macro(Stmt.Macro statement) {
        Macro.Definition definition = definition(statement.name(), statement.routine(), statement.offset());
        Assignments.Assignment assignment =
                assignments.compile(new Stmt.NameTarget(statement.name(), statement.offset()));
        return scope -> {
            assignment.assign(scope, new Macro(definition, scope));
            return Signal.NEXT;
        };
    }

    private Macro.Definition definition(String name, Stmt.Routine routine, int offset) {
        Symbols symbols = Symbols.within(context.symbols());
        SymbolVisitor visitor = new SymbolVisitor(symbols);
        routine.parameters().forEach(symbols::parameter);
        routine.defaults().forEach(visitor::expression);
        visitor.statements(routine.body());
        int[] special = special(routine, symbols, offset);
        Code[] defaults = new Code[routine.parameters().size()];
        int[] slots = routine.parameters().stream().mapToInt(symbols::slot).toArray();
        CompileContext.Measured<Macro.Body> body = context.measured(() -> inner(symbols, () -> {
            context.loop(false);
            int without = defaults.length - routine.defaults().size();
            for (int i = without; i < defaults.length; i++) {
                defaults[i] = expressions.compile(routine.defaults().get(i - without));
            }
            return sequence(routine.body());
        }));
        Macro.Parameters parameters = new Macro.Parameters(routine.parameters(), defaults, slots);
        return new Macro.Definition(name, parameters, special, body.result(), body.height());
    }

    private static int[] special(Stmt.Routine routine, Symbols symbols, int offset) {
        List<String> names = List.of("caller", "kwargs", "varargs");
        Set<String> used = SymbolVisitor.undeclared(routine.body(), Set.copyOf(names));
        int caller = routine.parameters().indexOf("caller");
        if (caller >= 0
                && used.contains("caller")
                && caller < routine.parameters().size() - routine.defaults().size()) {
            throw TemplateError.syntax(
                    "When defining macros or call blocks the special \"caller\" argument must be omitted or be given"
                            + " a default.",
                    offset);
        }
        int[] slots = {-1, -1, -1};
        for (int i = 0; i < slots.length; i++) {
            if (used.contains(names.get(i)) && !routine.parameters().contains(names.get(i))) {
                symbols.parameter(names.get(i));
                slots[i] = symbols.slot(names.get(i));
            }
        }
        return slots;
    }

    private Step callBlock(Stmt.CallBlock statement) {
        Macro.Definition definition = definition("caller", statement.routine(), statement.offset());
        return print(expressions.call(statement.call(), scope -> new Macro(definition, scope)));
    }

    private Step generation(Stmt.Generation statement) {
        Macro.Definition definition = definition("caller", statement.routine(), statement.offset());
        return print(scope -> new Macro(definition, scope).call(scope.render(), Arguments.EMPTY));
    }

    private Step with(Stmt.With statement) {
        Code[] values = statement.values().stream().map(expressions::compile).toArray(Code[]::new);
        Symbols symbols = Symbols.within(context.symbols());
        SymbolVisitor visitor = new SymbolVisitor(symbols);
        statement.targets().forEach(visitor::parameters);
        visitor.statements(statement.body());
        List<Assignments.Assignment> targets = new ArrayList<>();
        Macro.Body body = inner(symbols, () -> {
            statement.targets().forEach(target -> targets.add(assignments.compile(target)));
            return sequence(statement.body());
        });
        return scope -> {
            Scope inner = body.layout().enter(scope.render(), scope);
            for (int i = 0; i < values.length; i++) {
                targets.get(i).assign(inner, values[i].eval(scope));
            }
            return body.step().run(inner);
        };
    }

    private Step autoescape(Stmt.Autoescape statement) {
        Code active = expressions.compile(statement.active());
        Macro.Body body = inner(statement.body());
        return scope -> {
            boolean before = scope.render().autoescape();
            scope.render().autoescape(Types.truth(active.eval(scope)));
            Signal signal = body.step().run(body.layout().enter(scope.render(), scope));
            scope.render().autoescape(before);
            return signal;
        };
    }

    private Step block(Stmt.Block statement) {
        // A block sees the variables and what the outermost scope assigned, not the scopes around it.
        Symbols symbols = Symbols.within(null);
        new SymbolVisitor(symbols).statements(statement.body());
        Macro.Body body = inner(symbols, () -> {
            context.loop(false);
            return sequence(statement.body());
        });
        Step step = scope -> body.step().run(body.layout().enter(scope.render(), null));
        blocks.put(statement.name(), step);
        return step;
    }

    private Step loopControl(Stmt.LoopControl statement) {
        if (!context.loop()) {
            throw TemplateError.syntax(
                    statement.isBreak() ? "'break' outside loop" : "'continue' not properly in loop",
                    statement.offset());
        }
        Signal signal = statement.isBreak() ? Signal.BREAK : Signal.CONTINUE;
        return scope -> signal;
    }

    private static Step otherTemplate(Code name) {
        return scope -> {
            name.eval(scope);
            throw TemplateError.runtime("no loader for this environment specified");
        };
    }

    private Step loop(Stmt.For statement) {
        Code sequence = expressions.compile(statement.head().sequence());
        boolean extended = statement.recursive()
                || !SymbolVisitor.undeclared(statement.body(), Set.of("loop")).isEmpty();
        Symbols symbols = Symbols.within(context.symbols());
        if (extended) {
            symbols.parameter("loop");
        }
        new SymbolVisitor(symbols).parameters(statement.head().target());
        new SymbolVisitor(symbols).statements(statement.body());
        Assignments.Assignment[] target = new Assignments.Assignment[1];
        CompileContext.Measured<Macro.Body> body = context.measured(() -> inner(symbols, () -> {
            context.loop(true);
            target[0] = assignments.compile(statement.head().target());
            return sequence(statement.body());
        }));
        Macro.Body otherwise = inner(statement.otherwise());
        LoopFilter filter = filter(statement);
        int loopSlot = extended ? symbols.slot("loop") : -1;
        Loop.Head head = new Loop.Head(target[0], loopSlot, statement.recursive());
        return new Loop(sequence, filter, head, body.result(), otherwise, body.height());
    }

    private LoopFilter filter(Stmt.For statement) {
        if (statement.head().test() == null) {
            return null;
        }
        Symbols symbols = Symbols.within(context.symbols());
        SymbolVisitor visitor = new SymbolVisitor(symbols);
        visitor.parameters(statement.head().target());
        visitor.expression(statement.head().test());
        return context.within(symbols, () -> {
            Assignments.Assignment target = assignments.compile(statement.head().target());
            Code test = expressions.compile(statement.head().test());
            return new LoopFilter(target, test, new Scope.Layout(symbols));
        });
    }
}
