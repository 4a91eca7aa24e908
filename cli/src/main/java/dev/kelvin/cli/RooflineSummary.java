// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.cli.roofline.report.Ceiling;
import dev.kelvin.cli.roofline.report.Comparison;
import dev.kelvin.cli.roofline.report.Difference;
import dev.kelvin.cli.roofline.report.Environment;
import dev.kelvin.cli.roofline.report.Figures;
import dev.kelvin.cli.roofline.report.Report;
import dev.kelvin.cli.roofline.report.Resource;
import dev.kelvin.cli.roofline.report.Result;
import dev.kelvin.cli.roofline.report.Roof;
import dev.kelvin.cli.roofline.report.Subject;
import java.util.List;
import java.util.Optional;

/** A report in the columns of a terminal: what most readers want to know, and whether to believe it. */
final class RooflineSummary {
    private final Terminal terminal;
    private final Report report;
    private final Roof roof;

    RooflineSummary(Terminal terminal, Report report) {
        this.terminal = terminal;
        this.report = report;
        roof = new Roof(report);
    }

    /** @param other what the report is compared with */
    void print(Optional<Report> other) {
        Environment environment = report.environment();
        line(environment.fact("cpu"));
        line(environment.processors() + " processors, lanes " + environment.fact("lanes") + ", "
                + environment.fact("jvm"));
        line("This run was " + report.noise().verdict().sentence() + ".");
        line("It took " + Figures.duration(report.run().seconds()) + ".");
        terminal.line("");
        ceilings();
        terminal.line("");
        kernels();
        other.ifPresent(before -> {
            terminal.line("");
            differences(new Comparison(before, report));
        });
    }

    private void line(String text) {
        terminal.line("  " + terminal.glyphs().fit(text, terminal.resultColumns() - 2));
    }

    private void ceilings() {
        TextTable table = new TextTable("lrrr").row("ceiling", "bits", "threads", "rate");
        for (Ceiling ceiling : report.ceilings()) {
            Resource resource = ceiling.resource();
            if (resource.isArithmetic() || resource == Resource.READ) {
                table.row(
                        resource.isArithmetic() ? resource.title() : ceiling.title(),
                        Integer.toString(ceiling.bits()),
                        Integer.toString(ceiling.threads()),
                        Figures.number(ceiling.rate()) + " " + resource.unit());
            }
        }
        table.print(terminal);
    }

    private void kernels() {
        TextTable table = new TextTable("llrrrll").row("kernel", "shape", "threads", "rate", "of", "ceiling", "");
        boolean marked = false;
        for (Result result : report.results()) {
            Subject subject = result.subject();
            Optional<Roof.Limit> limit = roof.limit(result);
            boolean operations =
                    limit.map(each -> each.ceiling().resource().isArithmetic()).orElse(false);
            String rate = operations
                    ? Figures.number(result.operationRate()) + " GFLOP/s"
                    : Figures.number(result.byteRate()) + " GB/s";
            marked |= !result.marks().isEmpty();
            table.row(
                    name(subject),
                    subject.shape().replace(' ', 'x'),
                    Integer.toString(subject.threads()),
                    result.forks().isEmpty() ? "failed" : rate,
                    limit.map(each -> Figures.percent(each.reached(result))).orElse(""),
                    limit.map(each -> each.ceiling().shortTitle()).orElse(""),
                    result.marks().isEmpty() ? "" : "!");
        }
        table.print(terminal);
        if (marked) {
            line("!: the report has a remark");
        }
    }

    private static String name(Subject subject) {
        String type = subject.type().equals("F32") ? "" : " " + subject.type();
        return subject.isKelvin() ? subject.name() + type : subject.name() + " " + subject.by();
    }

    private void differences(Comparison comparison) {
        List<Difference> all = comparison.differences();
        List<Difference> differences = all.stream()
                .filter(difference -> difference.verdict() != Difference.Verdict.SAME)
                .toList();
        line("compared: " + all.size() + " kernels, " + differences.size() + " differ by more than 5 %");
        TextTable table = new TextTable("llrr");
        for (Difference difference : differences) {
            Subject subject = difference.after().subject();
            table.row(
                    name(subject),
                    subject.shape().replace(' ', 'x'),
                    Integer.toString(subject.threads()),
                    difference.text() + " times as fast");
        }
        table.print(terminal);
    }
}
