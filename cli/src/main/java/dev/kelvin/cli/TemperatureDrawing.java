// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Explanation;
import dev.kelvin.head.SamplerChain;
import java.io.IOException;
import java.util.List;

/** Distributions as bars on a screen or in a file of text, as wide as the screen is. */
final class TemperatureDrawing {
    private static final int LABEL_COLUMNS = 28;
    private static final int STAGE_COLUMNS = 44;
    private static final int LEAST_STAGE_COLUMNS = 8;

    /** What the three figures beside a stage take. */
    private static final int FIGURES_COLUMNS = 36;

    private static final int PROBABILITY_COLUMNS = "1.2e-38".length();

    /** The fewest columns of a bar that can be read; where there are less, the probability stands alone. */
    private static final int LEAST_BAR_COLUMNS = 4;

    private static final String OTHER = "other";

    private final Terminal terminal;
    private final int columns;
    private final int mostLabelColumns;

    TemperatureDrawing(Terminal terminal) {
        this.terminal = terminal;
        columns = terminal.resultColumns();
        mostLabelColumns = Math.min(LABEL_COLUMNS, columns / 3);
    }

    /** Each temperature of a sweep. */
    void sweep(TemperatureSweep sweep, int[] shown, ShownLogits subject) throws IOException {
        String gap = "";
        for (TemperatureSweep.Level level : sweep.levels()) {
            terminal.text(gap);
            gap = "\n";
            heading(heading(sweep, level), level.entropy());
            rows(level.probs(), shown, subject);
        }
    }

    /** What is left after samplers. */
    void left(SamplerChain chain, double entropy, float[] probs, int[] shown, ShownLogits subject) throws IOException {
        heading("after " + SamplerLanguage.text(chain), entropy);
        rows(probs, shown, subject);
    }

    /** What each sampler left, and the pick. */
    void stages(Explanation explanation, ShownLogits subject) throws IOException {
        TextTable table = new TextTable("lrrr").row("stage", "candidates", "of all", "entropy");
        stage(table, "logits", explanation.before());
        for (Explanation.Stage stage : explanation.stages()) {
            stage(table, SamplerLanguage.text(stage.sampler()), stage.left());
        }
        table.print(terminal);
        String name = subject.fitted(List.of(subject.names().of(explanation.id())), terminal.glyphs(), mostLabelColumns)
                .getFirst();
        terminal.line("");
        wrapped("picked " + name + ": probability " + Numbers.probability(explanation.probability()) + ", "
                + Numbers.probability(explanation.originalProbability()) + " before");
        wrapped("draw   " + Numbers.fixed(explanation.draw(), 6) + " of seed " + explanation.seed() + ", sequence "
                + explanation.sequence() + ", position " + explanation.position());
        terminal.line("");
    }

    /** Writes a line that goes on behind a comma where it is too long. */
    private void wrapped(String text) {
        String rest = text;
        while (Glyphs.columns(rest) > columns) {
            int comma = rest.lastIndexOf(", ", columns - 1);
            if (comma < 0) {
                break;
            }
            terminal.line(rest.substring(0, comma + 1));
            rest = "       " + rest.substring(comma + 2);
        }
        terminal.line(rest);
    }

    private void stage(TextTable table, String name, Explanation.Left left) {
        int room = Math.min(STAGE_COLUMNS, Math.max(LEAST_STAGE_COLUMNS, columns - FIGURES_COLUMNS));
        table.row(
                terminal.glyphs().fit(name, room),
                Numbers.grouped(left.candidates()),
                Numbers.probability(left.mass()),
                entropy(left.entropy()));
    }

    private String heading(TemperatureSweep sweep, TemperatureSweep.Level level) {
        String heading = terminal.glyphs().tau() + " = " + terminal.glyphs().temperature(level.temperature());
        if (level.temperature() == 0) {
            int tied = sweep.tiedMaxima();
            return heading
                    + (tied == 1
                            ? "  the limit: all on the largest logit"
                            : "  the limit: equal shares for the " + tied + " largest logits");
        }
        return level.temperature() == Float.POSITIVE_INFINITY
                ? heading + "  the limit: equal shares for all " + sweep.candidates() + " candidates"
                : heading;
    }

    private void heading(String heading, double nats) {
        String entropy = "entropy " + entropy(nats) + " nats";
        String fitted = terminal.glyphs().fit(heading, columns - entropy.length() - 1);
        terminal.line(fitted + TextTable.align(entropy, columns - Glyphs.columns(fitted), 'r'));
    }

    private static String entropy(double nats) {
        return nats == 0 ? "0" : Numbers.fixed(nats, 3);
    }

    private void rows(float[] probs, int[] shown, ShownLogits subject) throws IOException {
        boolean others = shown.length < probs.length;
        List<String> labels = subject.fitted(subject.names(shown), terminal.glyphs(), mostLabelColumns);
        int labelColumns = others ? OTHER.length() : 0;
        for (String label : labels) {
            labelColumns = Math.max(labelColumns, Glyphs.columns(label));
        }
        for (int i = 0; i < shown.length; i++) {
            row(labels.get(i), labelColumns, probs[shown[i]]);
        }
        if (others) {
            row(OTHER, labelColumns, TemperatureSweep.others(probs, shown));
        }
    }

    private void row(String label, int labelColumns, double p) {
        String start = "  " + TextTable.align(label, labelColumns, 'l') + "  "
                + TextTable.align(Numbers.probability(p), PROBABILITY_COLUMNS, 'l') + "  ";
        int room = columns - Glyphs.columns(start);
        terminal.line(
                (room < LEAST_BAR_COLUMNS ? start : start + terminal.glyphs().bar(p, room)).stripTrailing());
    }
}
