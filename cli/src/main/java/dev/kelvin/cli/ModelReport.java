// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.ModelFile;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.format.hub.HubFolder;
import dev.kelvin.generate.Tokenizers;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.ModelSurvey;
import dev.kelvin.ops.Compute;
import dev.kelvin.plan.DecoderPlan;
import dev.kelvin.plan.Pooling;
import dev.kelvin.tensor.DType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What the engine makes of a file, for {@link InspectCommand}. */
final class ModelReport {
    /** Positions that the memory of a sequence is told for. */
    private static final int POSITIONS = 1000;

    private static final List<DType> KV_TYPES = List.of(DType.F32, DType.F16, DType.Q8_0);
    private static final String TEMPLATE = "tokenizer.chat_template";

    private final ModelFile file;
    private final ModelSurvey survey;
    private final List<ModelFormatException> obstacles;

    /** The kind of the tokenizer; null if it cannot be used. */
    private String tokenizer;

    private String template;

    private ModelReport(ModelFile file, ModelSurvey survey) {
        this.file = file;
        this.survey = survey;
        obstacles = new ArrayList<>(survey.obstacles());
        tokenizer();
        template();
    }

    /** Looks at an open file. */
    static ModelReport of(ModelFile file) {
        try (Compute compute = Compute.startPlain(1)) {
            return new ModelReport(file, LanguageModels.survey(file, compute));
        }
    }

    private void tokenizer() {
        try {
            int tokens = Tokenizers.of(file).vocabSize();
            Object kind = file.metadata().asMap().get("tokenizer.ggml.model");
            Object pre = file.metadata().asMap().get("tokenizer.ggml.pre");
            tokenizer = (file instanceof HubFolder ? "tokenizer.json" : kind + (pre == null ? "" : " (" + pre + ")"))
                    + ", " + Numbers.grouped(tokens) + " tokens";
        } catch (ModelFormatException e) {
            obstacles.add(e);
        }
    }

    private void template() {
        Object own = file.metadata().asMap().get(TEMPLATE);
        if (own == null) {
            template = "none; that of " + LanguageModels.defaultTemplate(survey.architecture()) + " is taken";
            return;
        }
        try {
            ChatTemplate.of(own.toString());
            template = "its own";
        } catch (TemplateException e) {
            template = "its own, which cannot be used: " + e.getMessage();
        }
    }

    private boolean isVocabulary() {
        return file.tensors().isEmpty();
    }

    /** Prints a table, and what stands in the way. */
    void print(Terminal terminal) {
        if (isVocabulary()) {
            return;
        }
        terminal.line("");
        terminal.line(obstacles.isEmpty() ? "Model" : "Model, which cannot be computed");
        TextTable table = new TextTable("ll");
        DecoderPlan plan = survey.plan();
        String architecture = terminal.glyphs().escape(survey.architecture());
        if (plan == null) {
            table.row("architecture", architecture);
        } else {
            table.row(
                    "architecture",
                    architecture + ", " + Numbers.grouped(plan.blocks().size()) + " layers of width "
                            + Numbers.grouped(plan.sizes().dim()));
            table.row("parameters", parameters());
            table.row("context", Numbers.grouped(plan.sizes().contextLength()) + " positions");
            table.row("weights", Numbers.bytes(survey.weightBytes()) + " of memory");
            if (plan.pooling() != Pooling.NONE) {
                table.row("pooling", plan.pooling().name().toLowerCase(Locale.ROOT));
            }
        }
        sequenceMemory(table);
        if (tokenizer != null) {
            table.row("tokenizer", terminal.glyphs().escape(tokenizer));
        }
        table.row("template", terminal.glyphs().fit(terminal.glyphs().escape(template), Terminal.COLUMNS - 20));
        table.print(terminal);
        for (ModelFormatException obstacle : obstacles) {
            terminal.line("  " + obstacle.item() + ": expected " + obstacle.expected() + ", found " + obstacle.found());
        }
    }

    private String parameters() {
        long all = survey.parameters();
        long active = survey.activeParameters();
        return Numbers.grouped(all)
                + (active == all ? "" : ", of which a token is computed with " + Numbers.grouped(active));
    }

    private void sequenceMemory(TextTable table) {
        List<String> each = new ArrayList<>();
        for (DType type : KV_TYPES) {
            survey.sequenceBytes(type, POSITIONS).ifPresent(bytes -> each.add(Numbers.bytes(bytes) + " in " + type));
        }
        if (!each.isEmpty()) {
            table.row(Numbers.grouped(POSITIONS) + " positions", String.join(", ", each));
        }
    }

    /** Writes the fields {@code model} and {@code obstacles}. */
    void write(Json document) throws IOException {
        DecoderPlan plan = survey.plan();
        document.beginObject("model").field("architecture", survey.architecture());
        if (plan != null) {
            document.field("layers", plan.blocks().size())
                    .field("dim", plan.sizes().dim())
                    .field("parameters", survey.parameters())
                    .field("activeParameters", survey.activeParameters())
                    .field("contextLength", plan.sizes().contextLength())
                    .field("weightBytes", survey.weightBytes())
                    .field("pooling", plan.pooling().name().toLowerCase(Locale.ROOT))
                    .beginObject("bytesOf" + POSITIONS + "Positions");
            for (DType type : KV_TYPES) {
                OptionalLong bytes = survey.sequenceBytes(type, POSITIONS);
                if (bytes.isPresent()) {
                    document.field(type.toString(), bytes.getAsLong());
                }
            }
            document.endObject();
        }
        document.field("tokenizer", tokenizer == null ? "" : tokenizer)
                .field("template", template)
                .endObject()
                .beginArray("obstacles");
        for (ModelFormatException obstacle : obstacles) {
            document.beginObject()
                    .field("item", obstacle.item())
                    .field("expected", obstacle.expected())
                    .field("found", obstacle.found())
                    .endObject();
        }
        document.endArray();
    }
}
