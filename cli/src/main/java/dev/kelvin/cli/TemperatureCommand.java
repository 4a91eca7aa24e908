// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.format.FileReplacement;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Explanation;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Sampling;
import dev.kelvin.ops.Compute;
import dev.kelvin.tensor.HeapTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin temperature}: the temperature softmax, drawn. */
@Command(
        name = "temperature",
        header = "Show what temperature does to a distribution.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin temperature --logits=Z,Z,... [--labels=NAME,...] [SHOW]",
            "  or:  kelvin temperature [--model=FILE] [--prompt=TEXT] [SHOW]",
            "where SHOW is [--temperatures=T,T,...] [--top=N] [--json]",
            "  or:  [--sampler=STAGE,...] [--explain [--seed=N]] [--top=N] [--json]",
            "  or:  --svg=FILE [--top=N]"
        },
        sortOptions = false,
        description = {
            "",
            "Computes p_i = exp(z_i/T) / sum_j exp(z_j/T) for each temperature T, both limits included, and draws it. "
                    + "The logits z are given, or are those of a model for the token that follows a prompt. With "
                    + "--sampler, shows what a chain of samplers makes of them; with --explain, how.",
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
            "  kelvin temperature --prompt \"Once upon a\" --top 5",
            "  kelvin temperature --logits 2.0,1.0,0.1 --labels cat,dog,eel --svg out.svg",
            "  kelvin temperature --prompt \"Once upon a time, there was a\" --explain",
            "  kelvin temperature --logits 2,1 --sampler top-k=40,top-p=0.95,temperature=0.8"
        })
final class TemperatureCommand extends Subcommand {
    private static final int TOP_OF_MODEL = 10;
    private static final int TITLE_COLUMNS = 40;
    private static final float[] TEMPERATURES = {0, 0.2f, 0.5f, 1, 2, 10, Float.POSITIVE_INFINITY};

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

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "Take the logits from this GGUF model. Default, with --prompt: the model of English stories "
                    + "that comes with the program.")
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
            description = "Temperatures from 0 to inf, both ends allowed. Default: 0,0.2,0.5,1,2,10,inf.")
    private float[] temperatures;

    @Option(
            names = "--sampler",
            paramLabel = "STAGE,...",
            converter = SamplerSpec.class,
            description = "Show the distribution after these samplers, applied in this order: " + SamplerLanguage.STAGES
                    + ".")
    private SamplerChain sampler;

    @Option(
            names = "--explain",
            description = "Show how many candidates and how much of the probability each sampler leaves, and the pick. "
                    + "Default of --sampler: that of 'kelvin generate'.")
    private boolean explain;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the pick that --explain shows. Default: 0.")
    private Long seed;

    @Option(
            names = "--svg",
            paramLabel = "FILE",
            description = "Write a picture instead: probabilities and entropy over all temperatures.")
    private Path svg;

    @Option(
            names = "--json",
            description = "Write JSON: labels, logits, and for each temperature (or after the samplers) probabilities "
                    + "and entropy. Infinite values are the strings \"inf\" and \"-inf\".")
    private boolean json;

    @Mixin
    private final Models models = new Models();

    TemperatureCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        if ((logits == null) == (model == null && prompt == null)) {
            throw usage("give either --logits, or --model or --prompt");
        }
        checkOptions();
        if (logits != null) {
            showLogits();
        } else {
            showModel();
        }
    }

    private void checkOptions() {
        boolean chain = sampler != null || explain;
        if (svg != null && (chain || json || temperatures != null)) {
            throw usage("--svg shows all temperatures: it goes without "
                    + (chain ? "--sampler and --explain" : json ? "--json" : "--temperatures"));
        }
        if (chain && temperatures != null) {
            throw usage("--temperatures: with --sampler or --explain, a temperature is one of the samplers");
        }
        if (seed != null && !explain) {
            throw usage("--seed needs --explain");
        }
        if (svg != null && top != null && top > TemperatureChart.MOST_CURVES) {
            throw usage("--top: a picture has at most " + TemperatureChart.MOST_CURVES + " curves");
        }
    }

    private void showLogits() throws IOException {
        if (prompt != null) {
            throw usage("--prompt and --logits exclude each other");
        }
        if (labels != null && labels.length != logits.length) {
            throw usage("--labels: " + labels.length + " names for " + logits.length + " logits");
        }
        checkLogits();
        if (sampler != null) {
            SamplerSpec.checkIds(this, sampler, logits.length);
        }
        ShownLogits.Names names =
                id -> labels != null ? labels[id] : "z" + id + " = " + SamplerLanguage.shortest(logits[id]);
        try (Compute compute = Compute.serial()) {
            show(new ShownLogits(logits, new int[0], names, null), sampler, compute);
        }
    }

    private void showModel() throws IOException {
        if (labels != null) {
            throw usage("--labels needs --logits");
        }
        String text = prompt == null ? "" : Arguments.text(prompt);
        try (OpenModel open =
                Models.openWriter(model, Runtime.getRuntime().availableProcessors(), models.loading(terminal))) {
            int[] ids = Models.promptIds(open, text, false, terminal);
            SamplerChain chain = sampler == null ? null : SamplerSpec.forModel(this, sampler, open);
            ShownLogits next = new ShownLogits(
                    open.nextLogits(ids), ids, id -> OpenModel.tokenText(open.tokenizer(), id), Models.name(model));
            show(next, chain, open.compute());
        }
    }

    private void show(ShownLogits subject, SamplerChain chain, Compute compute) throws IOException {
        if (chain != null || explain) {
            showSamplers(subject, chain == null ? GenerateCommand.STANDARD : chain, compute);
            return;
        }
        TemperatureSweep sweep =
                TemperatureSweep.of(subject.logits(), temperatures == null ? TEMPERATURES : temperatures, compute);
        int[] shown = shown(sweep);
        if (svg != null) {
            drawPicture(subject, shown, compute);
        } else if (json) {
            boolean named = subject.ofModel() || labels != null;
            new TemperatureJson(terminal, subject).sweep(sweep, shown, named ? subject.names(shown) : null);
        } else {
            new TemperatureDrawing(terminal).sweep(sweep, shown, subject);
        }
    }

    private int[] shown(TemperatureSweep sweep) {
        if (svg != null) {
            return sweep.top(top == null ? TemperatureChart.MOST_CURVES : top);
        }
        return top != null ? sweep.top(top) : logits == null ? sweep.top(TOP_OF_MODEL) : allIds();
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

    private void drawPicture(ShownLogits subject, int[] shown, Compute compute) throws IOException {
        Glyphs glyphs = new Glyphs(true);
        List<String> names = subject.fitted(subject.names(shown), glyphs, Integer.MAX_VALUE);
        String title = prompt == null || prompt.isEmpty() || prompt.equals("-")
                ? "Softmax over temperature"
                : "The token after " + glyphs.fit(glyphs.quote(prompt), TITLE_COLUMNS);
        String picture = TemperatureChart.of(title, subject.logits(), shown, names, compute)
                .svg();
        if (Files.exists(svg) && !Files.isRegularFile(svg)) { // such as /dev/stdout
            Files.writeString(svg, picture);
        } else {
            FileReplacement.write(svg, picture);
        }
        terminal.err().println("wrote " + svg);
    }

    private void showSamplers(ShownLogits subject, SamplerChain chain, Compute compute) throws IOException {
        Sampling sampling = chain.start(compute, seed == null ? 0 : seed, 0);
        sampling.accept(subject.history());
        Explanation explanation;
        try {
            explanation = sampling.explain(HeapTensor.of(subject.logits()));
        } catch (IllegalArgumentException e) {
            throw usage("--sampler: " + e.getMessage());
        }
        float[] probs = new float[subject.logits().length];
        for (int i = 0; i < sampling.candidates().count(); i++) {
            probs[sampling.candidates().id(i)] = sampling.candidates().prob(i);
        }
        int[] shown = top == null && logits != null
                ? allIds()
                : mostProbable(subject.logits(), probs, top == null ? TOP_OF_MODEL : top);
        if (json) {
            new TemperatureJson(terminal, subject).left(chain, explanation, explain, probs, shown);
            return;
        }
        TemperatureDrawing drawing = new TemperatureDrawing(terminal);
        if (explain) {
            drawing.stages(explanation, subject);
        }
        Explanation.Left left = explanation.stages().isEmpty()
                ? explanation.before()
                : explanation.stages().getLast().left();
        drawing.left(chain, left.entropy(), probs, shown, subject);
    }

    /** The ids of the {@code n} largest probabilities; behind the candidates left, those dropped with large logits. */
    private static int[] mostProbable(float[] logits, float[] probs, int n) {
        float[] dropped = logits.clone();
        int left = 0;
        for (int id = 0; id < probs.length; id++) {
            if (probs[id] > 0) {
                dropped[id] = Float.NEGATIVE_INFINITY;
                left++;
            }
        }
        int[] kept = TemperatureSweep.top(probs, Math.min(n, left));
        int[] others = TemperatureSweep.top(dropped, Math.min(n, probs.length) - kept.length);
        int[] ids = Arrays.copyOf(kept, kept.length + others.length);
        System.arraycopy(others, 0, ids, kept.length, others.length);
        return ids;
    }
}
