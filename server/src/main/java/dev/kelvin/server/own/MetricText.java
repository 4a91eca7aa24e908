// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.server.own;

/** Metrics in the text format of Prometheus, version 0.0.4. */
final class MetricText {
    private final StringBuilder text = new StringBuilder();
    private String name;

    /** Begins a metric, whose values follow. */
    void begin(String name, String type, String help) {
        this.name = name;
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    /** Goes on with a metric that belongs to the one begun. */
    MetricText name(String name) {
        this.name = name;
        return this;
    }

    /** A value of the metric, with labels in braces or none. */
    void value(String labels, double value) {
        text.append(name).append(labels).append(' ');
        text.append(value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : value + "");
        text.append('\n');
    }

    /** A metric that goes up and down. */
    void gauge(String name, String help, double value) {
        begin(name, "gauge", help);
        value("", value);
    }

    /** A metric that only grows. */
    void counter(String name, String help, double value) {
        begin(name, "counter", help);
        value("", value);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
