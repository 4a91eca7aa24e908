// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code kelvin template}: the prompt that a chat template makes of a conversation. */
@Command(
        name = "template",
        header = "Show the prompt that a chat template makes of a conversation.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin template (--model=FILE | --file=FILE) --messages=FILE [--tools=FILE] [--set=NAME=VALUE]...",
            "  or:  kelvin template [--file=FILE] --cases=FILE"
        },
        sortOptions = false,
        description = {
            "",
            "Prints the prompt exactly, control tokens spelled out. What the template refuses is told with its line and "
                    + "column.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin template --model qwen.gguf --messages talk.json --set enable_thinking=false",
            "  kelvin template --file chat.jinja --messages talk.json --tools tools.json"
        })
final class TemplateCommand extends Subcommand {
    @Option(names = "--model", paramLabel = "FILE", description = "A GGUF file, whose template is taken.")
    private Path model;

    @Option(names = "--file", paramLabel = "FILE", description = "A template.")
    private Path file;

    @Option(
            names = "--messages",
            paramLabel = "FILE",
            description = "JSON: a list of messages, each with role and content.")
    private Path messages;

    @Option(names = "--tools", paramLabel = "FILE", description = "JSON: a list of tools.")
    private Path tools;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A variable of the template; the value is JSON, or else text. add_generation_prompt is true "
                    + "unless set.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Option(
            names = "--now",
            paramLabel = "TIME",
            description = "The time that the template may show, such as 2026-11-29T12:34:56; default: the time it is.")
    private String now;

    @Option(
            names = "--cases",
            paramLabel = "FILE",
            description = "JSON: conversations with what is expected of each, at 2026-11-29T12:34:56 unless --now says "
                    + "otherwise. Tells each difference, and how many there are.")
    private Path cases;

    TemplateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException, TemplateException {
        if (model != null && file != null) {
            throw usage("give either --model or --file");
        }
        if (cases != null) {
            new TemplateCases(terminal, given(null), time(TemplateCases.NOW)).run(cases);
            return;
        }
        if (messages == null) {
            throw usage("give --messages or --cases");
        }
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("add_generation_prompt", true);
        ChatTemplate template = given(variables);
        if (template == null) {
            throw usage("give --model or --file");
        }
        variables.put("messages", read(messages));
        if (tools != null) {
            variables.put("tools", read(tools));
        }
        set.forEach((name, value) -> variables.put(name, value(value)));
        terminal.modelText(template.render(variables, time(LocalDateTime.now(ZoneId.systemDefault()))));
        terminal.endModelText();
    }

    /**
     * The template that was named, or null; what the model says of tokens goes into the variables, if there are any.
     */
    private ChatTemplate given(Map<String, Object> variables) throws IOException, TemplateException {
        if (file != null) {
            return ChatTemplate.of(Arguments.textOf(file));
        }
        if (model == null) {
            return null;
        }
        ModelTemplate template = ModelTemplate.of(model, terminal);
        if (variables != null) {
            variables.putAll(template.variables());
        }
        return template.template();
    }

    private LocalDateTime time(LocalDateTime otherwise) {
        try {
            return now == null ? otherwise : LocalDateTime.parse(now);
        } catch (DateTimeParseException e) {
            throw usage("--now: '" + now + "' is no time such as 2026-11-29T12:34:56");
        }
    }

    private static List<?> read(Path file) throws IOException {
        if (!(JsonReader.read(Files.readAllBytes(file)) instanceof List<?> list)) {
            throw new IllegalArgumentException(file + ": expected a list");
        }
        return list;
    }

    private static Object value(String text) {
        try {
            return JsonReader.read(text);
        } catch (JsonSyntaxException e) {
            return text;
        }
    }
}
