// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli.roofline.report;

import java.util.Locale;

/** Writes a drawing. Coordinates are pixels, rounded to tenths. */
final class Svg {
    private final StringBuilder out = new StringBuilder();

    /**
     * Begins a drawing.
     *
     * @param classes of the root
     * @param label what it shows, for those who do not see it
     * @param style a sheet for a drawing that stands alone; empty if the page has one
     */
    Svg(int width, int height, String classes, String label, String style) {
        out.append("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"")
                .append(classes)
                .append("\" viewBox=\"0 0 ")
                .append(width)
                .append(' ')
                .append(height)
                .append("\" width=\"")
                .append(width)
                .append("\" height=\"")
                .append(height)
                .append("\" role=\"img\" aria-label=\"")
                .append(escape(label))
                .append("\">\n");
        if (!style.isEmpty()) {
            out.append("<style>\n").append(style).append("</style>\n");
            out.append("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
        }
    }

    /** Text for a page or a drawing. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    void line(String classes, double x1, double y1, double x2, double y2) {
        out.append("<line class=\"").append(classes).append('"');
        attribute("x1", x1);
        attribute("y1", y1);
        attribute("x2", x2);
        attribute("y2", y2);
        out.append("/>\n");
    }

    void circle(String classes, double x, double y, double radius, String title) {
        out.append("<circle class=\"").append(classes).append('"');
        attribute("cx", x);
        attribute("cy", y);
        attribute("r", radius);
        out.append("><title>").append(escape(title)).append("</title></circle>\n");
    }

    /** Text whose line stands on y. */
    void text(String classes, double x, double y, String anchor, String text) {
        out.append("<text class=\"").append(classes).append('"');
        attribute("x", x);
        attribute("y", y);
        if (!anchor.equals("start")) {
            out.append(" text-anchor=\"").append(anchor).append('"');
        }
        out.append('>').append(escape(text)).append("</text>\n");
    }

    private void attribute(String name, double value) {
        out.append(' ').append(name).append("=\"").append(number(value)).append('"');
    }

    /** The whole drawing. */
    String end() {
        return out.append("</svg>\n").toString();
    }
}
