// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import dev.kelvin.cli.roofline.report.Labels.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A roofline of the kernels on one number of threads: operations a byte to the right, operations a second upwards, both
 * logarithmic. A slanted line for the rate of each level of memory, a level one for each peak of arithmetic; a numbered
 * point for each kernel.
 */
final class RooflinePlot {
    /** The most points of a drawing: more cannot be told apart. */
    static final int MOST_POINTS = 48;

    /** Pixels below which names are short. */
    private static final int NARROW = 600;

    private static final double RADIUS = 4.5;
    private static final int DIGIT = 7;

    private final Roof roof;
    private final int threads;
    private final List<Result> points;
    private final List<String> families;

    /** A kernel's number in the drawing, and what it stands for. */
    record Entry(int number, String colour, Result result) {}

    /**
     * The plot of a report on so many threads.
     *
     * @param family the kernels of it alone; all if empty
     */
    RooflinePlot(Report report, int threads, Optional<String> family) {
        roof = new Roof(report);
        this.threads = threads;
        families = report.families();
        points = report.results().stream()
                .filter(result -> result.subject().isKelvin()
                        && result.subject().threads() == threads
                        && family.stream().allMatch(result.subject().family()::equals)
                        && result.cost().operations() > 0
                        && Double.isFinite(result.nanos())
                        && roof.limit(result).isPresent())
                .limit(MOST_POINTS)
                .toList();
    }

    /** The kernels in the order of their numbers. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (Result result : points) {
            int colour = families.indexOf(result.subject().family()) % 10;
            entries.add(new Entry(entries.size() + 1, "c" + colour, result));
        }
        return entries;
    }

    /** Whether there is something to see: points, and ceilings on as many threads. */
    boolean isDrawable() {
        return !points.isEmpty();
    }

    /** A line that says what the drawing shows. */
    String label() {
        return "Roofline of " + points.size() + " kernels on " + threads + (threads == 1 ? " thread" : " threads");
    }

    /** The drawing for a page that has the sheet of styles. */
    String draw(int width, int height, String classes) {
        Svg svg = new Svg(width, height, classes, label(), "");
        draw(svg, width, height);
        return svg.end();
    }

    /** Draws into the left upper corner of another drawing. */
    void draw(Svg svg, int width, int height) {
        LogAxis x = horizontal(44, width - 12.0);
        LogAxis y = vertical(height - 40.0, 12);
        grid(svg, x, y);
        Labels labels = new Labels(new Box(x.begin(), y.end(), x.end() - x.begin(), y.begin() - y.end()));
        for (Result result : points) {
            double px = x.at(result.cost().intensity());
            double py = y.at(result.operationRate());
            labels.take(new Box(px - RADIUS - 1, py - RADIUS - 1, 2 * RADIUS + 2, 2 * RADIUS + 2));
        }
        List<Ceiling> peaks = peaks(y);
        double highest = peaks.isEmpty() ? y.most() : peaks.getFirst().rate();
        for (Ceiling peak : peaks) {
            boolean binds = peak.rate() == highest && peak.resource() == Resource.FMA;
            svg.line(binds ? "ceiling" : "ceiling lower", x.begin(), y.at(peak.rate()), x.end(), y.at(peak.rate()));
        }
        slants(svg, x, y, highest);
        boolean narrow = width < NARROW;
        peaks.forEach(peak -> peakName(svg, x, y, labels, peak, narrow));
        roof.all(Resource.READ, threads).forEach(level -> levelName(svg, x, y, labels, level, narrow));
        for (Entry entry : entries()) {
            point(svg, x, y, labels, entry);
        }
    }

    private LogAxis horizontal(double begin, double end) {
        double least = 0.1;
        double most = 100;
        for (Result result : points) {
            least = Math.min(least, result.cost().intensity() / 1.6);
            most = Math.max(most, result.cost().intensity() * 1.6);
        }
        return new LogAxis(least, most, begin, end);
    }

    private LogAxis vertical(double begin, double end) {
        double least = Double.MAX_VALUE;
        double most = 0;
        for (Result result : points) {
            least = Math.min(least, result.operationRate() / 2);
            most = Math.max(most, result.operationRate() * 1.6);
        }
        for (Resource resource : List.of(Resource.FMA, Resource.INTEGER)) {
            most = Math.max(
                    most,
                    1.6 * roof.arithmetic(resource, threads).map(Ceiling::rate).orElse(0.0));
        }
        return new LogAxis(least, most, begin, end);
    }

    private static void grid(Svg svg, LogAxis x, LogAxis y) {
        for (double value : x.powers(4)) {
            svg.line("grid", x.at(value), y.begin(), x.at(value), y.end());
            String text = value < 1 ? "1/" + Math.round(1 / value) : Long.toString(Math.round(value));
            svg.text("tick", x.at(value), y.begin() + 15, "middle", text);
        }
        for (double value : y.powers(10)) {
            svg.line("grid", x.begin(), y.at(value), x.end(), y.at(value));
            String text = value < 1 ? Figures.fixed(value, value < 0.1 ? 2 : 1) : Long.toString(Math.round(value));
            svg.text("tick", x.begin() - 6, y.at(value) + 4, "end", text);
        }
        svg.line("axis", x.begin(), y.begin(), x.end(), y.begin());
        svg.line("axis", x.begin(), y.begin(), x.begin(), y.end());
        svg.text("tick", (x.begin() + x.end()) / 2, y.begin() + 33, "middle", "operations a byte → GFLOP/s ↑");
    }

    /** Those of f32 within the drawing, the highest first, and that of integers. */
    private List<Ceiling> peaks(LogAxis y) {
        List<Ceiling> peaks = new ArrayList<>(roof.all(Resource.FMA, threads));
        roof.arithmetic(Resource.INTEGER, threads).ifPresent(peaks::add);
        peaks.removeIf(peak -> peak.rate() <= y.least() || peak.rate() >= y.most());
        return peaks;
    }

    private void slants(Svg svg, LogAxis x, LogAxis y, double peak) {
        for (Ceiling ceiling : roof.all(Resource.READ, threads)) {
            double beginX = Math.max(x.least(), y.least() / ceiling.rate());
            double endX = Math.min(x.most(), peak / ceiling.rate());
            if (beginX < endX) {
                svg.line(
                        "ceiling",
                        x.at(beginX),
                        y.at(beginX * ceiling.rate()),
                        x.at(endX),
                        y.at(endX * ceiling.rate()));
            }
        }
    }

    private static double width(String text) {
        return text.length() * 6.2 + 4;
    }

    /** The name of a peak above its line, at the right end or as near to it as is free; left out if all is taken. */
    private static void peakName(Svg svg, LogAxis x, LogAxis y, Labels labels, Ceiling ceiling, boolean narrow) {
        String title = narrow ? ceiling.shortTitle() + " " + ceiling.bits() + " bits" : ceiling.title();
        String text = title + ": " + Figures.number(ceiling.rate());
        double width = width(text);
        for (double left = x.end() - width - 4; left > x.begin(); left -= 8) {
            Box box = new Box(left, y.at(ceiling.rate()) - 16, width, 14);
            if (labels.takeIfFree(box)) {
                svg.text("name", box.x() + 2, box.y() + 11, "start", text);
                return;
            }
        }
    }

    /** The name of a level right of its line, at the lower end or as near to it as is free. */
    private static void levelName(Svg svg, LogAxis x, LogAxis y, Labels labels, Ceiling ceiling, boolean narrow) {
        String rate = Figures.number(ceiling.rate());
        String text = narrow ? ceiling.level() + ": " + rate : ceiling.title() + ": " + rate + " GB/s";
        for (double middle = y.begin() - 10; middle > y.end(); middle -= 6) {
            double left = x.at(y.value(middle) / ceiling.rate()) + 6;
            if (labels.takeIfFree(new Box(left, middle - 7, width(text), 14))) {
                svg.text("name", left + 2, middle + 4, "start", text);
                return;
            }
        }
    }

    private void point(Svg svg, LogAxis x, LogAxis y, Labels labels, Entry entry) {
        Result result = entry.result();
        double px = x.at(result.cost().intensity());
        double py = y.at(result.operationRate());
        String reached = roof.limit(result)
                .map(limit -> Figures.percent(limit.reached(result)) + " of "
                        + limit.ceiling().title())
                .orElse("");
        String number = Integer.toString(entry.number());
        double width = DIGIT * number.length() + 3.0;
        labels.near(px, py, width, 13, 90).ifPresent(box -> {
            svg.line("leader", px, py, box.centreX(), box.centreY());
            svg.text("number", box.centreX(), box.y() + 10.5, "middle", number);
        });
        String mark = result.doubtful() ? " doubtful" : "";
        svg.circle(
                "point " + entry.colour() + mark,
                px,
                py,
                RADIUS,
                result.subject().title() + ": " + reached);
    }
}
