// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Walks what belongs to one scope, in the order in which Jinja's compiler does, and tells {@link Symbols} each name.
 */
final class SymbolVisitor {
    private Symbols symbols;

    SymbolVisitor(Symbols symbols) {
        this.symbols = symbols;
    }

    void statements(List<Stmt> statements) {
        statements.forEach(this::statement);
    }

    private void statement(Stmt statement) {
        switch (statement) {
            case Stmt.Print print -> expression(print.value());
            case Stmt.For loop -> expression(loop.head().sequence());
            case Stmt.If condition -> branches(condition);
            case Stmt.Set set -> {
                expression(set.value());
                target(set.target());
            }
            case Stmt.SetBlock set -> target(set.target());
            case Stmt.Macro macro -> symbols.store(macro.name());
            case Stmt.CallBlock block -> expression(block.call());
            case Stmt.FilterBlock block -> expression(block.filter());
            case Stmt.With with -> with.values().forEach(this::expression);
            case Stmt.OtherTemplate other -> {
                expression(other.name());
                other.targets().forEach(this::target);
            }
            case Stmt.Data _, Stmt.Generation _, Stmt.Autoescape _, Stmt.Block _, Stmt.LoopControl _ -> {}
        }
    }

    private void branches(Stmt.If condition) {
        Stmt.Branch first = condition.branches().getFirst();
        expression(first.test());
        Symbols whole = symbols;
        List<Symbols> branches = new ArrayList<>();
        branches.add(branch(whole, () -> statements(first.body())));
        // In Jinja's tree all elif parts together are one branch, and each is a condition of its own without an else.
        branches.add(branch(whole, () -> {
            for (Stmt.Branch part :
                    condition.branches().subList(1, condition.branches().size())) {
                branches(new Stmt.If(List.of(part), List.of(), condition.offset()));
            }
        }));
        branches.add(branch(whole, () -> statements(condition.otherwise())));
        symbols.merge(branches);
    }

    private Symbols branch(Symbols whole, Runnable visit) {
        Symbols branch = whole.branch();
        symbols = branch;
        visit.run();
        symbols = whole;
        return branch;
    }

    void target(Stmt.Target target) {
        switch (target) {
            case Stmt.NameTarget name -> symbols.store(name.name());
            case Stmt.TupleTarget tuple -> tuple.targets().forEach(this::target);
            case Stmt.AttributeTarget attribute -> symbols.load(attribute.namespace());
        }
    }

    /** A target that the scope gets from outside. */
    void parameters(Stmt.Target target) {
        switch (target) {
            case Stmt.NameTarget name -> symbols.parameter(name.name());
            case Stmt.TupleTarget tuple -> tuple.targets().forEach(this::parameters);
            case Stmt.AttributeTarget attribute -> symbols.load(attribute.namespace());
        }
    }

    void expression(Expr expression) {
        switch (expression) {
            case null -> {}
            case Expr.Const _ -> {}
            case Expr.Name name -> symbols.load(name.name());
            default -> children(expression).forEach(this::expression);
        }
    }

    /** The expressions that an expression is made of, none of them null. */
    static List<Expr> children(Expr expression) {
        List<Expr> children = new ArrayList<>();
        switch (expression) {
            case Expr.Const _, Expr.Name _ -> {}
            case Expr.Attribute e -> children.add(e.owner());
            case Expr.Element e -> children.addAll(List.of(e.owner(), e.key()));
            case Expr.Slice e -> {
                children.add(e.owner());
                children.add(e.begin());
                children.add(e.end());
                children.add(e.step());
            }
            case Expr.ListOf e -> children.addAll(e.elements());
            case Expr.TupleOf e -> children.addAll(e.elements());
            case Expr.DictOf e -> children.addAll(e.keysAndValues());
            case Expr.Unary e -> children.add(e.operand());
            case Expr.Not e -> children.add(e.operand());
            case Expr.Binary e -> children.addAll(List.of(e.left(), e.right()));
            case Expr.Logical e -> children.addAll(List.of(e.left(), e.right()));
            case Expr.Compare e -> {
                children.add(e.first());
                children.addAll(e.others());
            }
            case Expr.Concat e -> children.addAll(e.parts());
            case Expr.Conditional e -> {
                children.add(e.test());
                children.add(e.then());
                children.add(e.otherwise());
            }
            case Expr.Call e -> {
                children.add(e.callee());
                passed(e.passed(), children);
            }
            case Expr.Filter e -> {
                children.add(e.value());
                passed(e.passed(), children);
            }
            case Expr.Test e -> {
                children.add(e.value());
                passed(e.passed(), children);
            }
        }
        children.removeIf(child -> child == null);
        return children;
    }

    private static void passed(Expr.Passed passed, List<Expr> children) {
        children.addAll(passed.positional());
        children.addAll(passed.named().values());
        children.add(passed.star());
        children.add(passed.doubleStar());
    }

    /** Which of some special names statements use without giving them a value first. */
    static Set<String> undeclared(List<Stmt> statements, Set<String> names) {
        Undeclared visitor = new Undeclared(new HashSet<>(names), new HashSet<>());
        visitor.statements(statements);
        return visitor.found();
    }

    /** Looks through everything, macros too, but for blocks. */
    private record Undeclared(Set<String> sought, Set<String> found) {
        void statements(List<Stmt> statements) {
            statements.forEach(this::statement);
        }

        private void statement(Stmt statement) {
            switch (statement) {
                case Stmt.Print e -> expression(e.value());
                case Stmt.For e -> {
                    target(e.head().target());
                    expression(e.head().sequence());
                    statements(e.body());
                    statements(e.otherwise());
                    expression(e.head().test());
                }
                case Stmt.If e -> {
                    e.branches().forEach(branch -> {
                        expression(branch.test());
                        statements(branch.body());
                    });
                    statements(e.otherwise());
                }
                case Stmt.Set e -> {
                    target(e.target());
                    expression(e.value());
                }
                case Stmt.SetBlock e -> {
                    target(e.target());
                    expression(e.filter());
                    statements(e.body());
                }
                case Stmt.Macro e -> routine(e.routine());
                case Stmt.CallBlock e -> {
                    expression(e.call());
                    routine(e.routine());
                }
                case Stmt.Generation e -> routine(e.routine());
                case Stmt.FilterBlock e -> {
                    statements(e.body());
                    expression(e.filter());
                }
                case Stmt.With e -> {
                    e.targets().forEach(this::target);
                    e.values().forEach(this::expression);
                    statements(e.body());
                }
                case Stmt.Autoescape e -> {
                    expression(e.active());
                    statements(e.body());
                }
                case Stmt.OtherTemplate e -> expression(e.name());
                case Stmt.Data _, Stmt.Block _, Stmt.LoopControl _ -> {}
            }
        }

        private void routine(Stmt.Routine routine) {
            routine.parameters().forEach(sought::remove);
            routine.defaults().forEach(this::expression);
            statements(routine.body());
        }

        private void target(Stmt.Target target) {
            switch (target) {
                case Stmt.NameTarget name -> sought.remove(name.name());
                case Stmt.TupleTarget tuple -> tuple.targets().forEach(this::target);
                case Stmt.AttributeTarget _ -> {}
            }
        }

        private void expression(Expr expression) {
            switch (expression) {
                case null -> {}
                case Expr.Name name -> {
                    if (sought.contains(name.name())) {
                        found.add(name.name());
                    }
                }
                default -> children(expression).forEach(this::expression);
            }
        }
    }
}
