// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.AnswerFormat;
import dev.kelvin.chat.CallForm;
import dev.kelvin.chat.ReasoningMarks;
import dev.kelvin.chat.Tool;
import dev.kelvin.chat.ToolChoice;
import dev.kelvin.constraint.Gbnf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an answer may look like, as far as a request says: thoughts first, then calls of tools or the text asked for.
 */
final class AnswerGrammar {
    private static final String HARMONY_NEXT = "<|start|>assistant";

    private final ChatStyle style;
    private final AnswerFormat format;
    private final AnswerRules rules = new AnswerRules();

    private AnswerGrammar(ChatStyle style, AnswerFormat format) {
        this.style = style;
        this.format = format;
    }

    /**
     * The grammar of the answer to a request; empty if it may be anything.
     *
     * @param format of answers
     * @param prompt as rendered
     */
    static Optional<AnswerRules.Sources> of(ChatRequest request, ChatStyle style, AnswerFormat format, String prompt) {
        boolean mustCall =
                request.toolChoice() instanceof ToolChoice.Required || request.toolChoice() instanceof ToolChoice.Named;
        if (!mustCall && request.format() instanceof ResponseFormat.Text) {
            return Optional.empty();
        }
        AnswerGrammar grammar = new AnswerGrammar(style, format);
        List<String> choices = new ArrayList<>();
        if (!request.tools().isEmpty()) {
            choices.add(grammar.calls(request));
        }
        if (!mustCall) {
            choices.add(grammar.text(request.format()));
        }
        String answer = grammar.rules.rule(String.join(" | ", choices));
        grammar.rules.root(grammar.thoughts(request, prompt) + answer);
        return Optional.of(grammar.rules.sources());
    }

    /** All marks that may come as control tokens. */
    static String marks(ChatStyle style, AnswerFormat format) {
        StringBuilder marks = new StringBuilder();
        ReasoningMarks.of(style.template())
                .ifPresent(each -> marks.append(each.open()).append(' ').append(each.close()));
        format.callForm(style.template())
                .ifPresentOrElse(
                        form -> marks.append(' ')
                                .append(form.open())
                                .append(form.beforeName())
                                .append(' ')
                                .append(form.beforeArguments())
                                .append(form.afterArguments())
                                .append(form.close()),
                        () -> marks.append(" <tool_call> </tool_call>"));
        if (format == AnswerFormat.HARMONY) {
            marks.append(" <|channel|> <|message|> <|end|> ").append(HARMONY_NEXT);
        }
        if (format == AnswerFormat.COMMAND_R) {
            marks.append(" <|START_RESPONSE|> <|END_RESPONSE|>");
        }
        return marks.toString();
    }

    private String thoughts(ChatRequest request, String prompt) {
        if (format == AnswerFormat.HARMONY) {
            String thought = rules.upTo("<|end|>");
            return "(\"<|channel|>analysis<|message|>\" " + thought + " " + Gbnf.literal(HARMONY_NEXT) + ")? ";
        }
        Optional<ReasoningMarks> found = ReasoningMarks.of(style.template());
        if (found.isEmpty() || found.get().endedIn(prompt)) {
            return "";
        }
        ReasoningMarks marks = found.get();
        if (!marks.begunIn(prompt) && isSwitchedOff(request)) {
            return "";
        }
        String thought = rules.upTo(marks.close()) + " [ \\n]{0,4}";
        return marks.begunIn(prompt) ? thought + " " : "(" + Gbnf.literal(marks.open()) + " " + thought + ")? ";
    }

    private static boolean isSwitchedOff(ChatRequest request) {
        Map<String, Object> values = request.conversation().values();
        return Boolean.FALSE.equals(values.get("enable_thinking")) || Boolean.FALSE.equals(values.get("thinking"));
    }

    private String text(ResponseFormat asked) {
        String text =
                switch (asked) {
                    case ResponseFormat.Text _ -> throw new IllegalStateException("no grammar");
                    case ResponseFormat.Schema schema -> rules.schema(schema.schema());
                    case ResponseFormat.Gbnf gbnf -> rules.grammar(gbnf.grammar());
                };
        return switch (format) {
            case HARMONY -> "\"<|channel|>final<|message|>\" " + text;
            case COMMAND_R -> "(\"<|START_RESPONSE|>\" " + text + " \"<|END_RESPONSE|>\" | " + text + ")";
            default -> text;
        };
    }

    private String calls(ChatRequest request) {
        Optional<CallForm> form = format.callForm(style.template());
        List<String> calls = new ArrayList<>();
        for (Tool tool : request.tools()) {
            if (!(request.toolChoice() instanceof ToolChoice.Named named)
                    || named.name().equals(tool.name())) {
                calls.add(form.isPresent() ? call(tool, form.get()) : new XmlCall(rules, tool).rule());
            }
        }
        String call = rules.rule(String.join(" | ", calls));
        String separator = form.isPresent() ? form.get().separator() : "\n";
        boolean several = request.parallelToolCalls() && separator != null;
        String all = several ? call + " (" + Gbnf.literal(separator) + " " + call + ")*" : call;
        String open = form.map(CallForm::open).orElse("");
        String close = form.map(CallForm::close).orElse("");
        return Gbnf.literal(open) + " " + all + " " + Gbnf.literal(close);
    }

    private String call(Tool tool, CallForm form) {
        return rules.rule(Gbnf.literal(form.beforeName() + tool.name() + form.beforeArguments())
                + " "
                + rules.schema(tool.parameters())
                + " "
                + Gbnf.literal(form.afterArguments()));
    }
}
