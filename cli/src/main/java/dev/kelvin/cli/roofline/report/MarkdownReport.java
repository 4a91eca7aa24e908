// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A report as Markdown: one table a question, of which a page of documentation can be made. */
public final class MarkdownReport {
    private static final int COLUMNS = 100;

    private MarkdownReport() {}

    /**
     * The text, with the drawing {@code report.svg} beside it.
     *
     * @param other what the report is compared with; empty if with nothing
     */
    public static String write(Report report, Optional<Report> other) {
        ReportTables tables = new ReportTables(report);
        StringBuilder out = new StringBuilder("# Roofline of ")
                .append(escape(report.environment().fact("cpu")))
                .append("\n\n");
        paragraph(
                out,
                "Measured with " + report.environment().fact("jvm") + ", "
                        + report.run().program() + ", " + report.run().time() + ". The run was "
                        + report.noise().verdict().sentence() + ".");
        out.append("![Roofline of the kernels on one thread](report.svg)\n\n");
        List<Table> all = new ArrayList<>();
        other.ifPresent(before -> {
            Comparison comparison = new Comparison(before, report);
            all.addAll(List.of(comparison.kernels(), comparison.ceilings(), comparison.environments()));
        });
        all.addAll(tables.kernels());
        tables.sweep().ifPresent(all::add);
        all.addAll(List.of(tables.ceilings(), tables.tokens(), tables.noise(), tables.environment()));
        all.forEach(table -> table(out, table));
        return out.toString();
    }

    private static void table(StringBuilder out, Table table) {
        out.append("## ").append(table.title()).append("\n\n");
        if (!table.note().isEmpty()) {
            paragraph(out, table.note());
        }
        row(out, table, table.header());
        out.append('|');
        for (int column = 0; column < table.header().size(); column++) {
            if (table.filled(column)) {
                out.append(table.right(column) ? "---:|" : "---|");
            }
        }
        out.append('\n');
        table.rows().forEach(row -> row(out, table, row));
        out.append('\n');
        for (int i = 0; i < table.footnotes().size(); i++) {
            paragraph(out, (i + 1) + ". " + table.footnotes().get(i));
        }
    }

    private static void row(StringBuilder out, Table table, List<String> cells) {
        out.append('|');
        for (int column = 0; column < cells.size(); column++) {
            if (table.filled(column)) {
                out.append(' ').append(escape(cells.get(column))).append(" |");
            }
        }
        out.append('\n');
    }

    private static void paragraph(StringBuilder out, String text) {
        int length = 0;
        for (String word : escape(text).split(" ", -1)) {
            if (length > 0 && length + 1 + word.length() > COLUMNS) {
                out.append('\n');
                length = 0;
            } else if (length > 0) {
                out.append(' ');
                length++;
            }
            out.append(word);
            length += word.length();
        }
        out.append("\n\n");
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;");
    }
}
