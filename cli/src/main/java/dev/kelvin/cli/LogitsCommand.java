// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.OutputDistribution;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin logits}: what a model computes at each position of a sequence. */
@Command(
        name = "logits",
        header = "Compute the logits of a model at each position of a sequence.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin logits [--model=FILE] --ids=ID,ID,... [--threads=N] [--json]",
            "  or:  kelvin logits [--model=FILE] --prompt=TEXT [--parse-special] [...]"
        },
        sortOptions = false,
        description = {
            "",
            "Prints, for each position, the id there, the id with the largest logit for the token that follows, that "
                    + "logit, and the log-sum-exp of all logits. With --json all logits are written too.",
            "",
            "Ids are computed as they are: nothing is put before them. A prompt becomes the ids that generate would "
                    + "start from.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {"", "Examples:", "  kelvin logits --ids 1,403,407", "  kelvin logits --prompt \"Once upon\" --json"})
final class LogitsCommand extends Subcommand {
    @Option(names = "--model", paramLabel = "FILE", description = "The GGUF model. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Mixin
    private final IdsOption given = new IdsOption();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "A text instead of ids; '-' reads it from standard input.")
    private String prompt;

    @Option(
            names = "--parse-special",
            description = "Read text that spells a control token, such as <|im_end|>, as that token.")
    private boolean parseSpecial;

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Option(names = "--json", description = "Write JSON, with the logits [V] of each position.")
    private boolean json;

    @Mixin
    private final Models models = new Models();

    private int[] ids;

    LogitsCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException {
        ids = given.ids();
        if ((prompt == null) == (ids == null)) {
            throw usage("give either --ids or --prompt");
        }
        if (parseSpecial && prompt == null) {
            throw usage("--parse-special needs --prompt");
        }
        try (OpenModel open = Models.openWriter(
                model, threads.count(), models.loading(terminal).withContextLength(ids == null ? 0 : ids.length))) {
            if (ids == null) {
                ids = Models.promptIds(open, Arguments.text(prompt), parseSpecial, terminal);
            }
            Models.checkIds(this, ids, open.vocabSize());
            if (ids.length > open.contextLength()) {
                throw usage(
                        "--ids: " + ids.length + " ids are more than the model's context of " + open.contextLength());
            }
            if (json) {
                writeJson(open);
            } else {
                print(open);
            }
        }
    }

    private void print(OpenModel open) throws IOException {
        TextTable table = new TextTable("rrrrr").row("position", "id", "argmax", "logit", "logSumExp");
        open.eachPosition(ids, (position, logits) -> {
            OutputDistribution distribution = OutputDistribution.of(open.compute(), logits);
            float max = logits.data()[logits.offset() + distribution.first()];
            table.row(
                    Integer.toString(position),
                    Integer.toString(ids[position]),
                    Integer.toString(distribution.first()),
                    Numbers.fixed(max, 6),
                    Numbers.fixed(distribution.logSumExp(), 6));
        });
        table.print(terminal);
    }

    private void writeJson(OpenModel open) throws IOException {
        try (Json document = new Json(terminal)) {
            document.beginObject()
                    .field("model", Models.name(model))
                    .field("vocabSize", open.vocabSize())
                    .beginArray("positions");
            open.eachPosition(ids, (position, logits) -> {
                OutputDistribution distribution = OutputDistribution.of(open.compute(), logits);
                document.beginObject()
                        .field("position", position)
                        .field("id", ids[position])
                        .field("argmax", distribution.first())
                        .field("logSumExp", distribution.logSumExp())
                        .field("logits", logits.data(), logits.offset(), logits.offset() + logits.columns())
                        .endObject();
            });
            document.endArray().endObject();
        }
    }
}
