// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.ops.Compute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kelvin temperature}: the temperature softmax, drawn. */
@Command(
        name = "temperature",
        header = "Show what temperature does to a distribution.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin temperature --logits=Z,Z,... [--labels=NAME,...]",
            "         [--temperatures=T,T,...] [--top=N] [--json]",
            "  or:  kelvin temperature --model=FILE [--prompt=TEXT]",
            "         [--temperatures=T,T,...] [--top=N] [--json]"
        },
        sortOptions = false,
        description = {
            "",
            "Computes p_i = exp(z_i/T) / sum_j exp(z_j/T) for each temperature T, both limits included, and draws it. "
                    + "The logits z are given, or are those of a model for the token that follows a prompt.",
            "",
            "A probability without decimals (0 or 1) is exact. Entropy is in nats.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin temperature --logits 2.0,1.0,0.1 --labels cat,dog,eel",
            "  kelvin temperature --logits 3,2,-inf --temperatures 0,1,inf",
            "  kelvin temperature --model stories.gguf --prompt \"Once upon a\" --top 5",
            "  kelvin temperature --logits 2,1 --json"
        })
final class TemperatureCommand extends Subcommand {
    private static final int TOP_OF_MODEL = 10;
    private static final int LABEL_COLUMNS = 28;
    private static final String OTHER = "other";

    @Option(
            names = "--logits",
            split = ",",
            paramLabel = "Z,Z,...",
            hideParamSyntax = true,
            converter = Arguments.Logit.class,
            description = "The logits; -inf masks a candidate.")
    private float[] logits;

    @Option(
            names = "--labels",
            split = ",",
            paramLabel = "NAME,...",
            hideParamSyntax = true,
            description = "Names for the logits, one for each.")
    private String[] labels;

    @Option(names = "--model", paramLabel = "FILE", description = "Take the logits from this GGUF model.")
    private Path model;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "The text before the token in question; '-' reads it from standard input. "
                    + "Default: empty, the model starts from its begin-of-sequence token.")
    private String prompt;

    @Option(
            names = "--top",
            paramLabel = "N",
            converter = Arguments.PositiveCount.class,
            description = "Show the N most probable candidates and the sum of the others. "
                    + "Default: 10 for a model, all of --logits in their order.")
    private Integer top;

    @Option(
            names = "--temperatures",
            split = ",",
            paramLabel = "T,T,...",
            hideParamSyntax = true,
            converter = Arguments.Temperature.class,
            defaultValue = "0,0.2,0.5,1,2,10,inf",
            description = "Temperatures from 0 to inf, both ends allowed. Default: ${DEFAULT-VALUE}.")
    private float[] temperatures;

    @Option(
            names = "--json",
            description = "Write JSON: labels, logits, and for each temperature its probabilities and entropy. "
                    + "Infinite values are the strings \"inf\" and \"-inf\".")
    private boolean json;

    TemperatureCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        if ((logits == null) == (model == null)) {
            throw usage("give either --logits or --model");
        }
        if (logits != null) {
            showLogits();
        } else {
            showModel();
        }
    }

    private void showLogits() throws IOException {
        if (prompt != null) {
            throw usage("--prompt needs --model");
        }
        if (labels != null && labels.length != logits.length) {
            throw usage("--labels: " + labels.length + " names for " + logits.length + " logits");
        }
        checkLogits();
        try (Compute compute = Compute.serial()) {
            TemperatureSweep sweep = TemperatureSweep.of(logits, temperatures, compute);
            int[] shown = top == null ? allIds() : sweep.top(top);
            List<String> names = new ArrayList<>(shown.length);
            for (int id : shown) {
                names.add(labels != null ? labels[id] : "z" + id + " = " + Numbers.shortest(logits[id]));
            }
            if (json) {
                writeJson(sweep, shown, labels == null ? null : names, null);
            } else {
                draw(sweep, shown, names, false);
            }
        }
    }

    private void showModel() throws IOException {
        if (labels != null) {
            throw usage("--labels needs --logits");
        }
        String text = prompt == null ? "" : Arguments.text(prompt);
        try (OpenModel open = OpenModel.of(model, Runtime.getRuntime().availableProcessors())) {
            int[] ids = open.promptIds(text);
            TemperatureSweep sweep = TemperatureSweep.of(open.nextLogits(ids), temperatures, open.compute());
            int[] shown = sweep.top(top == null ? TOP_OF_MODEL : top);
            List<String> names = new ArrayList<>(shown.length);
            for (int id : shown) {
                names.add(open.tokenText(id));
            }
            if (json) {
                writeJson(sweep, shown, names, ids);
            } else {
                draw(sweep, shown, names, true);
            }
        }
    }

    private int[] allIds() {
        int[] ids = new int[logits.length];
        for (int id = 0; id < ids.length; id++) {
            ids[id] = id;
        }
        return ids;
    }

    /** The softmax refuses the same; said here, it is the caller's mistake and names the option. */
    private void checkLogits() {
        boolean anyCandidate = false;
        for (int i = 0; i < logits.length; i++) {
            if (Float.isNaN(logits[i]) || logits[i] == Float.POSITIVE_INFINITY) {
                throw usage("--logits: " + (Float.isNaN(logits[i]) ? "NaN" : "+inf") + " at index " + i
                        + "; a logit is a finite number, or -inf for a masked candidate");
            }
            anyCandidate |= logits[i] != Float.NEGATIVE_INFINITY;
        }
        if (!anyCandidate) {
            throw usage("--logits: no candidate is left, all " + logits.length + " are -inf");
        }
    }

    /** @param quoted whether the names are texts of tokens, whose spaces matter */
    private void draw(TemperatureSweep sweep, int[] shown, List<String> names, boolean quoted) {
        Glyphs glyphs = terminal.glyphs();
        boolean others = shown.length < sweep.logits().length;
        int labelColumns = others ? OTHER.length() : 0;
        List<String> fitted = new ArrayList<>(names.size());
        for (String name : names) {
            String label = glyphs.fit(quoted ? glyphs.quote(name) : glyphs.escape(name), LABEL_COLUMNS);
            fitted.add(label);
            labelColumns = Math.max(labelColumns, Glyphs.columns(label));
        }
        String gap = "";
        for (TemperatureSweep.Level level : sweep.levels()) {
            terminal.text(gap);
            gap = "\n";
            drawHeading(sweep, level);
            for (int i = 0; i < shown.length; i++) {
                drawRow(fitted.get(i), labelColumns, level.probs()[shown[i]]);
            }
            if (others) {
                drawRow(OTHER, labelColumns, TemperatureSweep.others(level, shown));
            }
        }
    }

    private void drawHeading(TemperatureSweep sweep, TemperatureSweep.Level level) {
        String heading = terminal.glyphs().tau() + " = " + terminal.glyphs().temperature(level.temperature());
        if (level.temperature() == 0) {
            int tied = sweep.tiedMaxima();
            heading += tied == 1
                    ? "  the limit: all on the largest logit"
                    : "  the limit: equal shares for the " + tied + " largest logits";
        } else if (level.temperature() == Float.POSITIVE_INFINITY) {
            heading += "  the limit: equal shares for all " + sweep.candidates() + " candidates";
        }
        String entropy = "entropy " + (level.entropy() == 0 ? "0" : Numbers.fixed(level.entropy(), 3)) + " nats";
        terminal.line(heading + TextTable.align(entropy, Terminal.COLUMNS - Glyphs.columns(heading), 'r'));
    }

    private void drawRow(String label, int labelColumns, double p) {
        String start = "  " + TextTable.align(label, labelColumns, 'l') + "  "
                + TextTable.align(Numbers.probability(p), "1.2e-38".length(), 'l') + "  ";
        String bar = terminal.glyphs().bar(p, Terminal.COLUMNS - Glyphs.columns(start));
        terminal.line((start + bar).stripTrailing());
    }

    private void writeJson(TemperatureSweep sweep, int[] shown, List<String> names, int[] promptIds)
            throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject();
            if (model != null) {
                document.field("model", model.toString()).field("promptIds", promptIds);
            }
            document.field("vocabSize", sweep.logits().length).beginArray("candidates");
            for (int i = 0; i < shown.length; i++) {
                document.beginObject().field("id", shown[i]);
                if (names != null) {
                    document.field("label", names.get(i));
                }
                document.field("logit", sweep.logits()[shown[i]]).endObject();
            }
            document.endArray().beginArray("temperatures");
            for (TemperatureSweep.Level level : sweep.levels()) {
                float[] probs = new float[shown.length];
                for (int i = 0; i < shown.length; i++) {
                    probs[i] = level.probs()[shown[i]];
                }
                document.beginObject()
                        .field("temperature", level.temperature())
                        .field("entropyNats", level.entropy())
                        .field("probs", probs);
                if (shown.length < sweep.logits().length) {
                    document.field("other", TemperatureSweep.others(level, shown));
                }
                document.endObject();
            }
            document.endArray().endObject();
        }
    }
}
