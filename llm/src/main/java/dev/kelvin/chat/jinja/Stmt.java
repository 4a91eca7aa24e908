// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat.jinja;

import java.util.List;

/** A statement as it was parsed. */
sealed interface Stmt {
    int offset();

    /** Text outside of all tags. */
    record Data(String text, int offset) implements Stmt {}

    record Print(Expr value, int offset) implements Stmt {}

    record For(Head head, boolean recursive, List<Stmt> body, List<Stmt> otherwise, int offset) implements Stmt {}

    /** What a loop runs over; without a filter, {@code test} is null. */
    record Head(Target target, Expr sequence, Expr test) {}

    /** Tests and bodies in turn; {@code otherwise} is empty if there is no else. */
    record If(List<Branch> branches, List<Stmt> otherwise, int offset) implements Stmt {}

    record Branch(Expr test, List<Stmt> body) {}

    record Set(Target target, Expr value, int offset) implements Stmt {}

    /** The filter is null if there is none. */
    record SetBlock(Target target, Expr filter, List<Stmt> body, int offset) implements Stmt {}

    record Macro(String name, Routine routine, int offset) implements Stmt {}

    record CallBlock(Routine routine, Expr.Call call, int offset) implements Stmt {}

    /** The block {@code generation} of Hugging Face: its own scope, nothing else. */
    record Generation(Routine routine, int offset) implements Stmt {}

    record FilterBlock(Expr filter, List<Stmt> body, int offset) implements Stmt {}

    record With(List<Target> targets, List<Expr> values, List<Stmt> body, int offset) implements Stmt {}

    record Autoescape(Expr active, List<Stmt> body, int offset) implements Stmt {}

    record Block(String name, List<Stmt> body, int offset) implements Stmt {}

    record LoopControl(boolean isBreak, int offset) implements Stmt {}

    /** A tag that asks for another template; there is none. */
    record OtherTemplate(Expr name, List<Target> targets, int offset) implements Stmt {}

    /**
     * What a macro or call block takes, and does.
     *
     * @param defaults of the last parameters
     */
    record Routine(List<String> parameters, List<Expr> defaults, List<Stmt> body) {}

    /** What a value is assigned to. */
    sealed interface Target {}

    record NameTarget(String name, int offset) implements Target {}

    record TupleTarget(List<Target> targets) implements Target {}

    record AttributeTarget(String namespace, String attribute, int offset) implements Target {}
}
