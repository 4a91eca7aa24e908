// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How a family of models marks reasoning and tool calls in what it answers. */
public enum AnswerFormat {
    /** Reasoning in {@code <think>} and nothing else. */
    PLAIN,

    /** JSON in {@code <tool_call>}: Hermes, Qwen. */
    HERMES,

    /** XML in {@code <tool_call>}: Qwen-Coder. */
    QWEN_CODER,

    /** {@code [TOOL_CALLS]} up to the end. */
    MISTRAL,

    /** {@code <|python_tag|>}, or an answer that is JSON and nothing else: Llama 3. */
    LLAMA,

    /** A list of calls behind {@code <|tool_call|>}: Granite. */
    GRANITE,

    /** A list of actions between marks: Command R. */
    COMMAND_R,

    /** Channels: gpt-oss. */
    HARMONY;

    /** Reasoning and its relatives, which any family may use. */
    private static final List<Section> REASONING = ReasoningMarks.ALL.stream()
            .map(marks -> Section.reasoning(marks.open(), marks.close()))
            .toList();

    private List<Section> own() {
        return switch (this) {
            case PLAIN -> List.of();
            case HERMES -> List.of(Section.collected("<tool_call>", "</tool_call>", ToolSyntax.JSON));
            case QWEN_CODER ->
                List.of(
                        Section.collected("<tool_call>", "</tool_call>", ToolSyntax.XML),
                        Section.collected("<function=", "</function>", ToolSyntax.XML));
            case MISTRAL -> List.of(Section.toTheEnd("[TOOL_CALLS]", ToolSyntax.MISTRAL));
            case LLAMA ->
                List.of(Section.toTheEnd("<|python_tag|>", ToolSyntax.JSON), Section.wholeAnswer("{", ToolSyntax.JSON));
            case GRANITE ->
                List.of(
                        Section.toTheEnd("<|tool_call|>", ToolSyntax.JSON),
                        Section.collected("<tool_call>", "</tool_call>", ToolSyntax.JSON));
            case COMMAND_R ->
                List.of(
                        Section.collected("<|START_ACTION|>", "<|END_ACTION|>", ToolSyntax.JSON),
                        Section.mark("<|START_RESPONSE|>"),
                        Section.mark("<|END_RESPONSE|>"));
            case HARMONY ->
                List.of(Section.channel("<|channel|>", "<|message|>"), Section.header("<|start|>", "<|channel|>"));
        };
    }

    /** The format that a template speaks of, {@link #PLAIN} if none. */
    public static AnswerFormat of(ChatTemplate template) {
        if (template.mentions("<|channel|>") && template.mentions("<|message|>")) {
            return HARMONY;
        }
        if (template.mentions("<function=")) {
            return QWEN_CODER;
        }
        if (template.mentions("[TOOL_CALLS]")) {
            return MISTRAL;
        }
        if (template.mentions("<|START_ACTION|>")) {
            return COMMAND_R;
        }
        if (template.mentions("<|tool_call|>")) {
            return GRANITE;
        }
        if (template.mentions("<tool_call>")) {
            return HERMES;
        }
        return template.mentions("<|python_tag|>") || template.mentions("ipython") ? LLAMA : PLAIN;
    }

    /**
     * The format of a name, in any case and with dashes or underscores.
     *
     * @throws IllegalArgumentException if there is none, naming those that there are
     */
    public static AnswerFormat named(String name) {
        String constant = name.toUpperCase(Locale.ROOT).replace('-', '_');
        return Arrays.stream(values())
                .filter(format -> format.name().equals(constant))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "answer format '" + name + "' is none of " + Arrays.toString(values())));
    }

    /** The same for an answer in which no tool is called: what looks like a call is text. */
    public AnswerFormat withoutTools() {
        // Their text has marks of its own.
        return this == HARMONY || this == COMMAND_R ? this : PLAIN;
    }

    /**
     * How calls are written, by which a model can be made to write one.
     *
     * @param template of the model
     * @return the form; empty if arguments are not JSON
     */
    public Optional<CallForm> callForm(ChatTemplate template) {
        return Optional.ofNullable(
                switch (this) {
                    case PLAIN, HERMES -> CallForm.HERMES;
                    case QWEN_CODER -> null;
                    case MISTRAL -> template.mentions("[ARGS]") ? CallForm.MISTRAL_ARGUMENTS : CallForm.MISTRAL;
                    case LLAMA -> CallForm.LLAMA;
                    case GRANITE -> CallForm.GRANITE;
                    case COMMAND_R -> CallForm.COMMAND_R;
                    case HARMONY -> CallForm.HARMONY;
                });
    }

    List<Section> sections() {
        return Stream.concat(own().stream(), REASONING.stream()).toList();
    }

    /** The kinds of reasoning that a prompt may end in the middle of. */
    static List<Section> reasoning() {
        return REASONING;
    }

    /** All formats by the names that {@link #named} takes. */
    public static List<String> names() {
        List<String> names = new ArrayList<>();
        for (AnswerFormat format : values()) {
            names.add(format.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return names;
    }
}
