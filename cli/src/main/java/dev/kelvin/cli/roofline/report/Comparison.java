// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Two reports side by side: machines, JDKs, options or commits.
 *
 * @param before the one that is compared with
 * @param after the other
 */
public record Comparison(Report before, Report after) {
    /** What the two have in common, in the order of the other. */
    public List<Difference> differences() {
        List<Difference> differences = new ArrayList<>();
        for (Result result : after.results()) {
            before.find(result.subject()).ifPresent(base -> differences.add(new Difference(base, result)));
        }
        return differences;
    }

    /** Where the two were measured, as far as that differs. */
    public Table environments() {
        Table table = new Table("What differs between the two?", "", "lll", "what", "before", "after");
        Set<String> names = new LinkedHashSet<>(before.environment().facts().keySet());
        names.addAll(after.environment().facts().keySet());
        for (String name : names) {
            row(
                    table,
                    name,
                    before.environment().fact(name),
                    after.environment().fact(name));
        }
        row(table, "version", before.run().program(), after.run().program());
        return table.row("measured", before.run().time(), after.run().time())
                .row(
                        "noise",
                        before.noise().verdict().sentence(),
                        after.noise().verdict().sentence());
    }

    private static void row(Table table, String name, String first, String second) {
        if (!first.equals(second)) {
            table.row(name, first, second);
        }
    }

    /** Their ceilings. */
    public Table ceilings() {
        Table table = new Table(
                "Which ceilings differ?",
                "",
                "lrrrrr",
                "ceiling",
                "bits",
                "threads",
                "before",
                "after",
                "after / before");
        for (Ceiling ceiling : after.ceilings()) {
            for (Ceiling base : before.ceilings()) {
                double ratio = ceiling.rate() / base.rate();
                if (ceiling.isLike(base) && Math.abs(ratio - 1) > Difference.LEAST) {
                    table.row(
                            ceiling.title(),
                            Integer.toString(ceiling.bits()),
                            Integer.toString(ceiling.threads()),
                            Figures.number(base.rate()),
                            Figures.number(ceiling.rate()),
                            Figures.fixed(ratio, 2));
                }
            }
        }
        return table.rows().isEmpty() ? table.row("none by more than 5 %", "", "", "", "", "") : table;
    }

    /** Their kernels. */
    public Table kernels() {
        Table table = new Table(
                "Which kernels differ?",
                "From the fastest to the slowest sample of all JVMs of each. A difference is called one only when these"
                        + " intervals do not meet and it exceeds 5 %; in brackets what is none.",
                "lllrllrl",
                "kernel",
                "shape",
                "type",
                "threads",
                "before",
                "after",
                "× as fast",
                "difference");
        for (Difference difference : differences()) {
            Subject subject = difference.after().subject();
            table.row(
                    subject.isKelvin() ? subject.name() : subject.name() + " by " + subject.by(),
                    subject.shape(),
                    subject.type(),
                    Integer.toString(subject.threads()),
                    interval(difference.before()),
                    interval(difference.after()),
                    difference.text(),
                    switch (difference.verdict()) {
                        case FASTER -> "faster";
                        case SLOWER -> "slower";
                        case SAME -> "none";
                    });
        }
        return table;
    }

    private static String interval(Result result) {
        return Figures.time(result.low()) + " – " + Figures.time(result.high());
    }
}
