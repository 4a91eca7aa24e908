// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A report as one page that needs nothing else: its policy forbids every request, and there is no script. Light or dark
 * as the browser is set, from phones to wide screens.
 */
public final class HtmlReport {
    private static final int WIDE = 1140;
    private static final int WIDE_HEIGHT = 560;
    private static final int NARROW = 360;
    private static final int NARROW_HEIGHT = 420;

    /** Columns whose cells may break into lines. */
    private static final List<String> LONG = List.of("each JVM", "remarks", "value", "before", "after");

    private final Report report;
    private final ReportTables tables;
    private final Roof roof;
    private final StringBuilder out = new StringBuilder();

    private HtmlReport(Report report) {
        this.report = report;
        tables = new ReportTables(report);
        roof = new Roof(report);
    }

    /**
     * The text of the page.
     *
     * @param other what the report is compared with; empty if with nothing
     */
    public static String write(Report report, Optional<Report> other) {
        return new HtmlReport(report).page(other);
    }

    private String page(Optional<Report> other) {
        String title = "Kelvin roofline: " + report.environment().fact("cpu");
        out.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .append("<meta http-equiv=\"Content-Security-Policy\"")
                .append(" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n")
                .append("<link rel=\"icon\" href=\"data:,\">\n");
        element("title", title);
        out.append("<style>\n")
                .append(Style.read("plot.css"))
                .append(Style.read("report.css"))
                .append("</style>\n</head>\n<body>\n<main>\n");
        element("h1", title);
        paragraph(
                "sub",
                report.environment().fact("jvm") + ", " + report.run().program() + ", "
                        + report.run().time());
        verdict();
        cards();
        other.ifPresent(before -> {
            Comparison comparison = new Comparison(before, report);
            table(comparison.kernels());
            table(comparison.ceilings());
            table(comparison.environments());
        });
        plots();
        tables.kernels().forEach(this::table);
        tables.sweep().ifPresent(this::table);
        table(tables.ceilings());
        table(tables.tokens());
        table(tables.noise());
        table(tables.environment());
        return out.append("</main>\n</body>\n</html>\n").toString();
    }

    private void element(String name, String text) {
        out.append('<')
                .append(name)
                .append('>')
                .append(Svg.escape(text))
                .append("</")
                .append(name)
                .append(">\n");
    }

    private void paragraph(String classes, String text) {
        out.append("<p class=\"")
                .append(classes)
                .append("\">")
                .append(Svg.escape(text))
                .append("</p>\n");
    }

    private void verdict() {
        Noise noise = report.noise();
        paragraph(
                "verdict " + noise.verdict().name().toLowerCase(Locale.ROOT),
                "This run was " + noise.verdict().sentence() + ". A loop of fixed cycles varied by "
                        + Figures.finePercent(noise.spread()) + ".");
    }

    /** The four numbers that most readers come for. */
    private void cards() {
        out.append("<ul class=\"cards\">\n");
        for (int threads : report.ceilings().stream()
                .map(Ceiling::threads)
                .distinct()
                .sorted()
                .toList()) {
            String on = threads == 1 ? " on 1 thread" : " on " + threads + " threads";
            roof.arithmetic(Resource.FMA, threads)
                    .ifPresent(ceiling ->
                            card(Figures.number(ceiling.rate()) + " GFLOP/s", "peak of f32 multiply-adds" + on));
            roof.traffic(Resource.READ, Ceiling.MEMORY, threads)
                    .ifPresent(ceiling -> card(Figures.number(ceiling.rate()) + " GB/s", "read from memory" + on));
        }
        out.append("</ul>\n");
    }

    private void card(String number, String what) {
        out.append("<li><b>")
                .append(Svg.escape(number))
                .append("</b><span>")
                .append(Svg.escape(what))
                .append("</span></li>\n");
    }

    private void plots() {
        for (int threads : report.threads()) {
            RooflinePlot plot = new RooflinePlot(report, threads, Optional.empty());
            if (!plot.isDrawable()) {
                continue;
            }
            element("h2", "Which ceiling binds each kernel on " + threads + (threads == 1 ? " thread?" : " threads?"));
            paragraph(
                    "note",
                    "A slanted line is the rate of a level of memory, a level line a peak of arithmetic. A kernel is"
                            + " below the line that binds it; how far below is what Java leaves. A pale point is"
                            + " doubtful: boxed, or compiled while it was measured.");
            out.append("<figure>\n")
                    .append(plot.draw(WIDE, WIDE_HEIGHT, "roofline wide"))
                    .append(plot.draw(NARROW, NARROW_HEIGHT, "roofline narrow"))
                    .append("<figcaption><ul class=\"legend\">\n");
            for (RooflinePlot.Entry entry : plot.entries()) {
                out.append("<li><b>")
                        .append(entry.number())
                        .append("</b><i class=\"")
                        .append(entry.colour())
                        .append("\"></i>")
                        .append(Svg.escape(SvgReport.line(roof, entry.result())))
                        .append("</li>\n");
            }
            out.append("</ul></figcaption>\n</figure>\n");
        }
    }

    private void table(Table table) {
        element("h2", table.title());
        if (!table.note().isEmpty()) {
            paragraph("note", table.note());
        }
        out.append("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>");
        for (int column = 0; column < table.header().size(); column++) {
            if (table.filled(column)) {
                cell("th", table, column, table.header().get(column));
            }
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : table.rows()) {
            out.append("<tr>");
            for (int column = 0; column < row.size(); column++) {
                if (table.filled(column)) {
                    cell("td", table, column, row.get(column));
                }
            }
            out.append("</tr>\n");
        }
        out.append("</tbody></table></div>\n");
        if (!table.footnotes().isEmpty()) {
            out.append("<ol class=\"notes\">\n");
            table.footnotes().forEach(note -> element("li", note));
            out.append("</ol>\n");
        }
    }

    private void cell(String element, Table table, int column, String text) {
        String classes =
                table.right(column) ? "right" : LONG.contains(table.header().get(column)) ? "wide" : "";
        out.append('<').append(element);
        if (!classes.isEmpty()) {
            out.append(" class=\"").append(classes).append('"');
        }
        out.append('>').append(Svg.escape(text)).append("</").append(element).append('>');
    }
}
