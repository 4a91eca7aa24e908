// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.constraint;

import dev.kelvin.constraint.Expression.Choice;
import dev.kelvin.constraint.Expression.Literal;
import dev.kelvin.constraint.Expression.Machine;
import dev.kelvin.constraint.Expression.OneOf;
import dev.kelvin.constraint.Expression.Reference;
import dev.kelvin.constraint.Expression.Repeat;
import dev.kelvin.constraint.Expression.Sequence;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;

/** What is true of each rule of a grammar: whether it has any text, whether it has the empty one. */
final class RuleProperties {
    private static final int LONGEST_CHAIN = 1_000;
    private static final byte OPEN = 1;
    private static final byte DONE = 2;

    private final Rules rules;
    private final boolean[] productive;
    private final boolean[] nullable;

    RuleProperties(Rules rules) {
        this.rules = rules;
        productive = new boolean[rules.size()];
        nullable = new boolean[rules.size()];
        untilSettled(() -> grow(productive, true));
        untilSettled(() -> grow(nullable, false));
    }

    private static void untilSettled(BooleanSupplier round) {
        while (round.getAsBoolean()) {
            // Another round may find more.
        }
    }

    private boolean grow(boolean[] property, boolean production) {
        boolean changed = false;
        for (int rule = 0; rule < property.length; rule++) {
            Expression expression = rules.expression(rule);
            if (!property[rule] && (production ? isProductive(expression) : isNullable(expression))) {
                property[rule] = true;
                changed = true;
            }
        }
        return changed;
    }

    /** Whether an expression has a text. */
    boolean isProductive(Expression expression) {
        return switch (expression) {
            case Literal _ -> true;
            case OneOf one -> !one.set().isEmpty();
            case Sequence sequence -> sequence.parts().stream().allMatch(this::isProductive);
            case Choice choice -> choice.parts().stream().anyMatch(this::isProductive);
            case Repeat repeat -> repeat.min() == 0 || isProductive(repeat.body());
            case Reference reference -> productive[reference.rule()];
            case Machine machine -> !machine.dfa().isEmpty();
        };
    }

    /** Whether an expression has the empty text. */
    boolean isNullable(Expression expression) {
        return switch (expression) {
            case Literal _, OneOf _ -> false;
            case Sequence sequence -> sequence.parts().stream().allMatch(this::isNullable);
            case Choice choice -> choice.parts().stream().anyMatch(this::isNullable);
            case Repeat repeat -> repeat.min() == 0 || isNullable(repeat.body());
            case Reference reference -> nullable[reference.rule()];
            case Machine machine -> machine.dfa().accepts(0);
        };
    }

    /** An expression without the parts that have no text. */
    Expression pruned(Expression expression) {
        return switch (expression) {
            case Choice choice ->
                Expression.choice(choice.parts().stream()
                        .filter(this::isProductive)
                        .map(this::pruned)
                        .toList());
            case Sequence sequence
            when isProductive(sequence) ->
                Expression.sequence(sequence.parts().stream().map(this::pruned).toList());
            case Repeat repeat
            when isProductive(repeat.body()) -> Expression.repeat(pruned(repeat.body()), repeat.min(), repeat.max());
            case Repeat repeat when repeat.min() == 0 -> Expression.EMPTY;
            default -> isProductive(expression) ? expression : Expression.NEVER;
        };
    }

    /**
     * The name of a rule that can begin with itself, or null. Such a rule has no first character.
     *
     * @throws GrammarException if rules begin with each other in too long a chain
     */
    String leftRecursive() throws GrammarException {
        byte[] marks = new byte[rules.size()];
        for (int rule = 0; rule < marks.length; rule++) {
            String found = leftRecursive(rule, marks);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A search in depth with a stack of its own: chains of rules may be long. */
    private String leftRecursive(int first, byte[] marks) throws GrammarException {
        if (marks[first] == DONE) {
            return null;
        }
        List<Integer> path = new ArrayList<>();
        List<Iterator<Integer>> open = new ArrayList<>();
        enter(first, marks, path, open);
        while (!path.isEmpty()) {
            if (!open.getLast().hasNext()) {
                open.removeLast();
                marks[path.removeLast()] = DONE;
                continue;
            }
            int next = open.getLast().next();
            if (marks[next] == OPEN) {
                return rules.name(next);
            }
            if (marks[next] != DONE) {
                enter(next, marks, path, open);
                if (path.size() > LONGEST_CHAIN) {
                    throw new GrammarException("grammar: more than " + LONGEST_CHAIN
                            + " rules that begin with each other, up to '" + rules.name(next) + "'");
                }
            }
        }
        return null;
    }

    private void enter(int rule, byte[] marks, List<Integer> path, List<Iterator<Integer>> open) {
        marks[rule] = OPEN;
        path.add(rule);
        open.add(beginnings(rules.expression(rule), new ArrayList<>()).iterator());
    }

    /** The rules that an expression can begin with. */
    private List<Integer> beginnings(Expression expression, List<Integer> found) {
        switch (expression) {
            case Literal _, OneOf _, Machine _ -> {}
            case Reference reference -> found.add(reference.rule());
            case Repeat repeat -> beginnings(repeat.body(), found);
            case Choice choice -> choice.parts().forEach(part -> beginnings(part, found));
            case Sequence sequence -> {
                for (Expression part : sequence.parts()) {
                    beginnings(part, found);
                    if (!isNullable(part)) {
                        break;
                    }
                }
            }
        }
        return found;
    }
}
