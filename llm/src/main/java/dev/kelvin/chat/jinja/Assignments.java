// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;

/** Turns the targets of assignments into code. */
final class Assignments {
    /** Gives a value to names. */
    @FunctionalInterface
    interface Assignment {
        void assign(Scope scope, Object value);
    }

    private final CompileContext context;

    Assignments(CompileContext context) {
        this.context = context;
    }

    Assignment compile(Stmt.Target target) {
        return switch (target) {
            case Stmt.NameTarget name -> name(name.name());
            case Stmt.TupleTarget tuple -> tuple(tuple.targets());
            case Stmt.AttributeTarget attribute -> attribute(attribute);
        };
    }

    private Assignment name(String name) {
        int slot = context.symbols().find(name).slot();
        if (!context.outermost()) {
            return (scope, value) -> scope.slots()[slot] = value;
        }
        return (scope, value) -> {
            scope.slots()[slot] = value;
            scope.render().assign(name, value);
        };
    }

    private Assignment tuple(List<Stmt.Target> targets) {
        Assignment[] parts = targets.stream().map(this::compile).toArray(Assignment[]::new);
        return (scope, value) -> {
            if (Types.iteratorOrNull(value) == null) {
                throw TemplateError.runtime("cannot unpack non-iterable " + Types.name(value) + " object");
            }
            List<Object> values = Types.list(value, scope.budget());
            if (values.size() != parts.length) {
                throw TemplateError.runtime(
                        values.size() > parts.length
                                ? "too many values to unpack (expected " + parts.length + ")"
                                : "not enough values to unpack (expected " + parts.length + ", got " + values.size()
                                        + ")");
            }
            for (int i = 0; i < parts.length; i++) {
                parts[i].assign(scope, values.get(i));
            }
        };
    }

    private Assignment attribute(Stmt.AttributeTarget target) {
        Symbols.Reference reference = context.symbols().find(target.namespace());
        return (scope, value) -> {
            if (!(scope.up(reference.up()).slots()[reference.slot()] instanceof Namespace namespace)) {
                throw TemplateError.runtime("cannot assign attribute on non-namespace object");
            }
            namespace.attributes().put(target.attribute(), value);
        };
    }
}
