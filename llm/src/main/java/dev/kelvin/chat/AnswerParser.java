// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.chat;

import dev.kelvin.chat.AnswerPart.Reasoning;
import dev.kelvin.chat.AnswerPart.Text;
import dev.kelvin.chat.Section.Kind;
import dev.kelvin.format.json.JsonSyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes an answer apart while it comes. Marks are never shown, nor parts of one; what turns out to be no tool call
 * comes back as text, marks included. Takes time linear in the answer. For one answer, and one thread.
 */
public final class AnswerParser {
    private final List<Section> sections;
    private final ToolTypes types;
    private final StringBuilder pending = new StringBuilder();
    private final List<AnswerPart> parts = new ArrayList<>();
    /** The section that the answer is in; null outside of all. */
    private Section current;
    /** Up to where the pending text was searched for marks. */
    private int searched;
    /** Whether white space is dropped: behind a mark it is layout. */
    private boolean skipsSpace;

    private boolean beginning = true;

    /**
     * Begins an answer.
     *
     * @param format of the model
     * @param prompt what the model answers; if it ends inside a kind of reasoning, the answer begins there
     * @param tools that the model knows, as its template gets them
     */
    public AnswerParser(AnswerFormat format, String prompt, List<?> tools) {
        this.sections = format.sections();
        this.types = new ToolTypes(tools);
        for (Section section : AnswerFormat.reasoning()) {
            if (prompt.stripTrailing().endsWith(section.open())) {
                current = section;
                skipsSpace = true;
            }
        }
    }

    /**
     * Takes more of the answer.
     *
     * @param text any piece of it
     * @return what can be told of it by now
     */
    public List<AnswerPart> accept(String text) {
        pending.append(text);
        while (current == null ? outside() : inside()) {
            // Each round ends one stretch.
        }
        return told();
    }

    /** Whether what comes next is for the reader, as far as is known. */
    public boolean isInText() {
        return current == null || current.kind() == Kind.FINAL;
    }

    /** Whether what comes next is reasoning, as far as is known. */
    public boolean isInReasoning() {
        return current != null && current.kind() == Kind.REASONING;
    }

    /** Ends the answer and gives the rest. */
    public List<AnswerPart> finish() {
        if (current == null) {
            add(Kind.FINAL, pending.toString());
        } else if (current.streams()) {
            add(
                    current.kind(),
                    current.kind() == Kind.REASONING ? pending.toString().stripTrailing() : pending.toString());
        } else if (current.closes().isEmpty() || current.syntax() == ToolSyntax.HARMONY) {
            tools(pending.toString(), "");
        } else if (current.kind() == Kind.TOOLS) {
            add(Kind.FINAL, current.open() + pending);
        }
        pending.setLength(0);
        current = null;
        return told();
    }

    private List<AnswerPart> told() {
        List<AnswerPart> told = List.copyOf(parts);
        parts.clear();
        return told;
    }

    private void add(Kind kind, String text) {
        String shown = skipsSpace ? text.stripLeading() : text;
        if (!shown.isEmpty()) {
            skipsSpace = false;
            beginning &= shown.isBlank();
            parts.add(kind == Kind.REASONING ? new Reasoning(shown) : new Text(shown));
        }
    }

    /** Looks for a mark that begins a section; whether one was found. */
    private boolean outside() {
        Section found = null;
        int place = pending.length();
        for (Section section : sections) {
            int at = section.kind() == Kind.WHOLE_ANSWER ? first(section) : pending.indexOf(section.open(), searched);
            if (at >= 0 && at < place) {
                found = section;
                place = at;
            }
        }
        if (found == null) {
            show(Kind.FINAL, sections.stream().map(Section::open).toList());
            return false;
        }
        add(Kind.FINAL, pending.substring(0, place).stripTrailing());
        int end = place + (found.kind() == Kind.WHOLE_ANSWER ? 0 : found.open().length());
        enter(found, end);
        return true;
    }

    private int first(Section section) {
        String text = pending.toString().stripLeading();
        return beginning && text.startsWith(section.open()) ? pending.length() - text.length() : -1;
    }

    private void enter(Section section, int end) {
        pending.delete(0, end);
        searched = 0;
        skipsSpace = true;
        beginning = false;
        current = section;
    }

    /** Looks for a mark that ends the section; whether one was found. */
    private boolean inside() {
        int place = -1;
        String mark = "";
        for (String close : current.closes()) {
            int at = pending.indexOf(close, Math.max(0, searched));
            if (at >= 0 && (place < 0 || at < place)) {
                place = at;
                mark = close;
            }
        }
        if (place < 0) {
            if (current.streams()) {
                show(current.kind(), current.closes());
            } else {
                int longest =
                        current.closes().stream().mapToInt(String::length).max().orElse(0);
                searched = Math.max(0, pending.length() - longest + 1);
            }
            return false;
        }
        String body = pending.substring(0, place);
        Section ended = current;
        // The mark that begins the next header is left for it.
        enter(null, mark.equals("<|start|>") || mark.equals("<|channel|>") ? place : place + mark.length());
        leave(ended, body, mark);
        return true;
    }

    private void leave(Section ended, String body, String mark) {
        switch (ended.kind()) {
            case REASONING, FINAL -> add(ended.kind(), body.stripTrailing());
            case TOOLS, WHOLE_ANSWER -> {
                current = ended;
                tools(body, mark);
                current = null;
            }
            case CHANNEL -> {
                current = Section.message(body);
            }
            case DROPPED -> {}
        }
        skipsSpace = true;
    }

    private void tools(String body, String mark) {
        try {
            List<AnswerPart.Call> calls = current.syntax().read(current.open(), body, types);
            if (current.kind() == Kind.WHOLE_ANSWER && !types.know(calls)) {
                throw new IllegalArgumentException("chat: an answer in JSON");
            }
            parts.addAll(calls);
            beginning = false;
        } catch (JsonSyntaxException | IllegalArgumentException e) {
            String open =
                    current.kind() == Kind.WHOLE_ANSWER || current.syntax() == ToolSyntax.HARMONY ? "" : current.open();
            skipsSpace = false;
            add(Kind.FINAL, open + body + (current.syntax() == ToolSyntax.HARMONY ? "" : mark));
        }
    }

    /** Shows what is pending, but for white space at its end and what may be the beginning of a mark. */
    private void show(Kind kind, List<String> marks) {
        int end = pending.length() - held(marks);
        while (end > 0 && Character.isWhitespace(pending.charAt(end - 1))) {
            end--;
        }
        if (end > 0) {
            add(kind, pending.substring(0, end));
            pending.delete(0, end);
        }
        searched = 0;
    }

    /** How many characters at the end of what is pending begin a mark. */
    private int held(List<String> marks) {
        int held = 0;
        for (String mark : marks) {
            for (int length = Math.min(mark.length() - 1, pending.length()); length > held; length--) {
                if (pending.substring(pending.length() - length).equals(mark.substring(0, length))) {
                    held = length;
                }
            }
        }
        return held;
    }
}
