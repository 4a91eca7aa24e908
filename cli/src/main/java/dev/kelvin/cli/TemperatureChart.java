// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Entropy;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.util.List;

/**
 * What temperature does to a distribution, as a picture (SVG 1.1): the probability of some candidates and the entropy,
 * over all temperatures from 0 to ∞. The axis shows τ at τ/(1 + τ), so both limits have their place on it.
 *
 * @param title one line above
 * @param names of the candidates, one a curve
 * @param probs [names][points], the points evenly spaced on the axis
 * @param entropy [points], in nats
 */
record TemperatureChart(String title, List<String> names, double[][] probs, double[] entropy) {
    /** Curves that still can be told apart. */
    static final int MOST_CURVES = 8;

    private static final int POINTS = 241;
    private static final int WIDTH = 1280;
    private static final int HEIGHT = 720;
    private static final int LEFT = 120;
    private static final int RIGHT = 880;
    private static final int TOP = 100;
    private static final int BOTTOM = 600;
    private static final int LEGEND = 1020;
    private static final int LEGEND_COLUMNS = 16;
    private static final float[] TICKS = {0, 0.2f, 0.5f, 1, 2, 5, Float.POSITIVE_INFINITY};
    private static final int GRID = 4;

    /** What a line of the grid may stand for on the axis of the entropy; ln V is 12 for a vocabulary of 160,000. */
    private static final double[] STEPS = {0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 6};

    /** Okabe and Ito's colours, which most people can tell apart, without the yellow that is lost on white. */
    private static final String[] COLOURS = {
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f3c8d", "#80561b"
    };

    /**
     * Computes the curves.
     *
     * @param logits [V], at least one of them finite, none NaN or +inf
     * @param shown the ids whose curves are drawn
     * @param names a name for each
     */
    static TemperatureChart of(String title, float[] logits, int[] shown, List<String> names, Compute compute) {
        HeapTensor row = HeapTensor.of(logits, 1, logits.length);
        HeapTensor softmax = HeapTensor.zeros(1, logits.length);
        double[][] probs = new double[shown.length][POINTS];
        double[] entropy = new double[POINTS];
        for (int point = 0; point < POINTS; point++) {
            compute.softmax(row, temperatureAt(point / (POINTS - 1.0)), softmax);
            for (int i = 0; i < shown.length; i++) {
                probs[i][point] = softmax.data()[shown[i]];
            }
            entropy[point] = Entropy.nats(softmax.data(), 0, logits.length);
        }
        return new TemperatureChart(title, names, probs, entropy);
    }

    private static float temperatureAt(double place) {
        return (float) (place / (1 - place)); // 1/0 is the upper limit
    }

    private static double placeOf(float temperature) {
        return temperature == Float.POSITIVE_INFINITY ? 1 : temperature / (1.0 + temperature);
    }

    /** The picture, as text. */
    String svg() {
        double step = entropyStep(entropy[POINTS - 1]);
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + WIDTH + " " + HEIGHT + "\" width=\""
                + WIDTH + "\" height=\"" + HEIGHT + "\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\""
                + " font-size=\"24\" fill=\"#222\">\n");
        svg.append("<title>").append(xml(title)).append("</title>\n");
        svg.append("<rect width=\"" + WIDTH + "\" height=\"" + HEIGHT + "\" fill=\"#fff\"/>\n");
        text(svg, LEFT, 56, "start", " font-size=\"34\"", title);
        frame(svg, step);
        for (int i = names.size() - 1; i >= 0; i--) { // the most probable on top
            curve(svg, probs[i], 1, COLOURS[i % COLOURS.length], "");
        }
        curve(svg, entropy, GRID * step, "#222", " stroke-dasharray=\"12 8\"");
        legend(svg);
        return svg.append("</svg>\n").toString();
    }

    private static double entropyStep(double most) {
        int i = 0;
        while (i < STEPS.length - 1 && GRID * STEPS[i] < most) {
            i++;
        }
        return STEPS[i];
    }

    private static void frame(StringBuilder svg, double step) {
        for (float tick : TICKS) {
            double x = LEFT + placeOf(tick) * (RIGHT - LEFT);
            line(svg, x, TOP, x, BOTTOM + 10, "#ddd");
            text(svg, x, BOTTOM + 40, "middle", "", new Glyphs(true).temperature(tick));
        }
        for (int i = 0; i <= GRID; i++) {
            double y = BOTTOM - i / (double) GRID * (BOTTOM - TOP);
            line(svg, LEFT - 10, y, RIGHT + 10, y, "#ddd");
            text(svg, LEFT - 18, y + 8, "end", "", SamplerLanguage.shortest(i / (float) GRID));
            text(svg, RIGHT + 18, y + 8, "start", "", SamplerLanguage.shortest((float) (i * step)));
        }
        line(svg, LEFT, TOP, LEFT, BOTTOM, "#222");
        line(svg, RIGHT, TOP, RIGHT, BOTTOM, "#222");
        line(svg, LEFT, BOTTOM, RIGHT, BOTTOM, "#222");
        text(svg, (LEFT + RIGHT) / 2.0, BOTTOM + 90, "middle", "", "temperature τ, at τ/(1 + τ)");
        upright(svg, 42, "probability");
        upright(svg, RIGHT + 100, "entropy in nats");
    }

    private static void upright(StringBuilder svg, int x, String label) {
        int middle = (TOP + BOTTOM) / 2;
        text(svg, x, middle, "middle", " transform=\"rotate(-90 " + x + " " + middle + ")\"", label);
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
        svg.append("<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\""
                + number(y2) + "\" stroke=\"" + colour + "\" stroke-width=\"2\"/>\n");
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String attributes, String label) {
        svg.append("<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\"" + attributes
                + ">" + xml(label) + "</text>\n");
    }

    private static void curve(StringBuilder svg, double[] values, double most, String colour, String attributes) {
        svg.append("<polyline fill=\"none\" stroke=\"" + colour + "\" stroke-width=\"4\" stroke-linejoin=\"round\""
                + attributes + " points=\"");
        for (int point = 0; point < POINTS; point++) {
            double x = LEFT + point / (POINTS - 1.0) * (RIGHT - LEFT);
            double y = BOTTOM - values[point] / most * (BOTTOM - TOP);
            svg.append(point == 0 ? "" : " ").append(number(x)).append(',').append(number(y));
        }
        svg.append("\"/>\n");
    }

    private void legend(StringBuilder svg) {
        for (int i = 0; i <= names.size(); i++) {
            int y = TOP + 20 + i * 44;
            boolean last = i == names.size();
            svg.append("<line x1=\"" + LEGEND + "\" y1=\"" + y + "\" x2=\"" + (LEGEND + 48) + "\" y2=\"" + y
                    + "\" stroke=\"" + (last ? "#222" : COLOURS[i % COLOURS.length]) + "\" stroke-width=\"4\""
                    + (last ? " stroke-dasharray=\"12 8\"" : "") + "/>\n");
            String name = last ? "entropy" : new Glyphs(true).fit(names.get(i), LEGEND_COLUMNS);
            text(svg, LEGEND + 62, y + 8, "start", " xml:space=\"preserve\"", name);
        }
    }

    private static String number(double value) {
        return SamplerLanguage.shortest((float) (Math.round(value * 10) / 10.0));
    }

    /** A text with what XML keeps for itself escaped. */
    private static String xml(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
