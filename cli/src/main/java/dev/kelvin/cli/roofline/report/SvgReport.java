// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.List;
import java.util.Optional;

/** A drawing that stands alone: the roofline of all kernels on one thread, or on as few as were measured. */
public final class SvgReport {
    private static final int WIDTH = 960;
    private static final int PLOT_HEIGHT = 460;
    private static final int COLUMNS = 2;
    private static final int LINE = 18;
    private static final int HEAD = 30;

    private SvgReport() {}

    /** The text of the drawing; light or dark as its viewer likes it. */
    public static String write(Report report) {
        int threads = report.threads().isEmpty() ? 1 : report.threads().getFirst();
        RooflinePlot plot = new RooflinePlot(report, threads, Optional.empty());
        List<RooflinePlot.Entry> entries = plot.entries();
        int lines = Math.ceilDiv(entries.size(), COLUMNS);
        Svg svg =
                new Svg(WIDTH, PLOT_HEIGHT + HEAD + lines * LINE + 8, "roofline", plot.label(), Style.read("plot.css"));
        plot.draw(svg, WIDTH, PLOT_HEIGHT);
        svg.text(
                "title",
                16,
                PLOT_HEIGHT + 18.0,
                "start",
                plot.label() + ", " + report.environment().fact("cpu"));
        Roof roof = new Roof(report);
        for (RooflinePlot.Entry entry : entries) {
            int place = entry.number() - 1;
            int column = place / lines;
            double x = 16 + column * (WIDTH / (double) COLUMNS);
            double y = PLOT_HEIGHT + HEAD + place % lines * LINE + 12.0;
            svg.circle(
                    "point " + entry.colour(),
                    x + 5,
                    y - 4,
                    4.5,
                    entry.result().subject().title());
            svg.text("entry", x + 16, y, "start", entry.number() + "  " + line(roof, entry.result()));
        }
        return svg.end();
    }

    /** What a legend says of a kernel. */
    static String line(Roof roof, Result result) {
        String reached = roof.limit(result)
                .map(limit -> ", " + Figures.percent(limit.reached(result)) + " of "
                        + limit.ceiling().shortTitle())
                .orElse("");
        return result.subject().title() + ": " + Figures.number(result.operationRate()) + " GFLOP/s" + reached;
    }
}
