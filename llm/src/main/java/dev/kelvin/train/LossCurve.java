// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.train;

import java.util.List;
import java.util.Locale;

/** The losses of a training run as a drawing. */
final class LossCurve {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 400;
    private static final int LEFT = 60;
    private static final int RIGHT = 20;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;

    /** Points of the training curve at most; each is the mean of the steps it stands for. */
    private static final int POINTS = 400;

    private static final int TICKS = 6;

    private LossCurve() {}

    /** An SVG document of at least one step. */
    static String svg(String title, List<TrainingStep> steps) {
        int lastStep = steps.getLast().step();
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        StringBuilder training = new StringBuilder();
        StringBuilder points = new StringBuilder();
        int each = Math.ceilDiv(steps.size(), POINTS);
        for (int i = 0; i < steps.size(); i += each) {
            double mean = mean(steps.subList(i, Math.min(steps.size(), i + each)));
            least = Math.min(least, mean);
            most = Math.max(most, mean);
        }
        for (TrainingStep step : steps) {
            if (!Double.isNaN(step.heldOutLoss())) {
                least = Math.min(least, step.heldOutLoss());
                most = Math.max(most, step.heldOutLoss());
            }
        }
        double unit = unit(most - least);
        double bottom = Math.floor(least / unit) * unit;
        double top = Math.max(bottom + unit, Math.ceil(most / unit) * unit);
        for (int i = 0; i < steps.size(); i += each) {
            int end = Math.min(steps.size(), i + each);
            training.append(x(steps.get(end - 1).step(), lastStep))
                    .append(',')
                    .append(y(mean(steps.subList(i, end)), bottom, top))
                    .append(' ');
        }
        String path = "";
        TrainingStep best = null;
        for (TrainingStep step : steps) {
            if (!Double.isNaN(step.heldOutLoss())) {
                String at = x(step.step(), lastStep) + "," + y(step.heldOutLoss(), bottom, top);
                path += at + " ";
                points.append("<circle cx=\"")
                        .append(at.replace(",", "\" cy=\""))
                        .append("\" r=\"3\" fill=\"#d1495b\"/>\n");
                best = step;
            }
        }
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT
                + "\" font-family=\"sans-serif\" font-size=\"12\">\n"
                + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.append("<text x=\"" + LEFT + "\" y=\"22\" font-size=\"15\">")
                .append(escape(title))
                .append(": loss, nats a token");
        if (best != null) {
            svg.append(" (held out at the end: ")
                    .append(TrainingLog.decimal(best.heldOutLoss(), 3))
                    .append(')');
        }
        svg.append("</text>\n");
        axes(svg, lastStep, bottom, top, unit);
        svg.append("<polyline fill=\"none\" stroke=\"#2e6f9e\" stroke-width=\"1\" points=\"")
                .append(training.toString().strip())
                .append("\"/>\n<polyline fill=\"none\" stroke=\"#d1495b\" stroke-width=\"1.5\" points=\"")
                .append(path.strip())
                .append("\"/>\n")
                .append(points);
        legend(svg);
        return svg.append("</svg>\n").toString();
    }

    private static void legend(StringBuilder svg) {
        int x = WIDTH - RIGHT - 110;
        svg.append("<text x=\"" + x + "\" y=\"" + (TOP + 14) + "\" fill=\"#2e6f9e\">training</text>\n");
        svg.append("<text x=\"" + x + "\" y=\"" + (TOP + 30) + "\" fill=\"#d1495b\">held out</text>\n");
    }

    private static void axes(StringBuilder svg, int lastStep, double bottom, double top, double unit) {
        for (int i = 0; bottom + i * unit < top + unit / 2; i++) {
            double value = bottom + i * unit;
            String y = y(value, bottom, top);
            svg.append("<line x1=\"" + LEFT + "\" x2=\"" + (WIDTH - RIGHT) + "\" y1=\"" + y + "\" y2=\"" + y
                    + "\" stroke=\"#dddddd\"/>\n<text x=\"" + (LEFT - 8) + "\" y=\"" + y
                    + "\" dy=\"4\" text-anchor=\"end\">" + TrainingLog.decimal(value, 2) + "</text>\n");
        }
        double stepUnit = Math.max(1, unit(lastStep));
        for (double step = 0; step <= lastStep; step += stepUnit) {
            svg.append("<text x=\"" + x(step, lastStep) + "\" y=\"" + (HEIGHT - BOTTOM + 18)
                    + "\" text-anchor=\"middle\">" + String.format(Locale.ROOT, "%,d", Math.round(step)) + "</text>\n");
        }
        svg.append("<text x=\"" + (LEFT + WIDTH - RIGHT) / 2 + "\" y=\"" + (HEIGHT - 10)
                + "\" text-anchor=\"middle\">step</text>\n");
    }

    private static double mean(List<TrainingStep> steps) {
        double sum = 0;
        for (TrainingStep step : steps) {
            sum += step.loss();
        }
        return sum / steps.size();
    }

    /** 1, 2 or 5 times a power of ten, so that about so many fit into a range. */
    private static double unit(double range) {
        double raw = Math.max(range, 1e-3) / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= raw) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static String x(double step, int lastStep) {
        return TrainingLog.decimal(LEFT + step / lastStep * (WIDTH - LEFT - RIGHT), 1);
    }

    private static String y(double loss, double bottom, double top) {
        return TrainingLog.decimal(HEIGHT - BOTTOM - (loss - bottom) / (top - bottom) * (HEIGHT - TOP - BOTTOM), 1);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
