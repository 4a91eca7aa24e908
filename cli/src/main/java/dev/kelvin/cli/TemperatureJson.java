// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.Explanation;
import dev.kelvin.head.SamplerChain;
import java.io.IOException;
import java.util.List;

/** Distributions as JSON. */
final class TemperatureJson {
    private final Terminal terminal;
    private final ShownLogits subject;

    TemperatureJson(Terminal terminal, ShownLogits subject) {
        this.terminal = terminal;
        this.subject = subject;
    }

    /**
     * Each temperature of a sweep.
     *
     * @param names of the shown candidates; null if they have none
     */
    void sweep(TemperatureSweep sweep, int[] shown, List<String> names) throws IOException {
        try (Json document = new Json(terminal)) {
            begin(document);
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
                    document.field("other", TemperatureSweep.others(level.probs(), shown));
                }
                document.endObject();
            }
            document.endArray().endObject();
        }
    }

    /**
     * What samplers leave.
     *
     * @param withPick whether the pick is told
     */
    void left(SamplerChain chain, Explanation explanation, boolean withPick, float[] probs, int[] shown)
            throws IOException {
        List<String> names = subject.names(shown);
        try (Json document = new Json(terminal)) {
            begin(document);
            document.field("vocabSize", probs.length).field("sampler", SamplerLanguage.text(chain));
            document.beginArray("stages");
            stage(document, "logits", explanation.before());
            for (Explanation.Stage stage : explanation.stages()) {
                stage(document, SamplerLanguage.text(stage.sampler()), stage.left());
            }
            document.endArray();
            if (withPick) {
                pick(document, explanation);
            }
            document.beginArray("candidates");
            for (int i = 0; i < shown.length; i++) {
                document.beginObject()
                        .field("id", shown[i])
                        .field("label", names.get(i))
                        .field("logit", subject.logits()[shown[i]])
                        .field("prob", probs[shown[i]])
                        .endObject();
            }
            document.endArray().endObject();
        }
    }

    private void begin(Json document) throws IOException {
        document.beginObject();
        if (subject.ofModel()) {
            document.field("model", subject.model()).field("promptIds", subject.history());
        }
    }

    private void pick(Json document, Explanation explanation) throws IOException {
        document.beginObject("pick")
                .field("id", explanation.id())
                .field("label", subject.names().of(explanation.id()))
                .field("probability", explanation.probability())
                .field("originalProbability", explanation.originalProbability())
                .field("draw", explanation.draw())
                .field("seed", explanation.seed())
                .field("sequence", explanation.sequence())
                .field("position", explanation.position())
                .endObject();
    }

    private static void stage(Json document, String name, Explanation.Left left) throws IOException {
        document.beginObject()
                .field("stage", name)
                .field("candidates", left.candidates())
                .field("mass", left.mass())
                .field("entropyNats", left.entropy())
                .endObject();
    }
}
