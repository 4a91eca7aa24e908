// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.Tool;
import dev.kelvin.format.FileReplacement;
import dev.kelvin.format.json.JsonWriter;
import dev.kelvin.generate.GeneratedToken;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.head.TokenLogProb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one may type in a chat besides messages. */
final class ChatCommands {
    /** Each with what it does, in the order of the help. */
    static final Map<String, String> HELP = new LinkedHashMap<>();

    /** Those that are followed by the name of a file. */
    static final Set<String> TAKES_FILE = Set.of("/save", "/load", "/tools");

    private static final int TOP = 10;
    private static final int MOST_TOP = 1000;
    private static final int NAME_COLUMNS = 16;

    static {
        HELP.put("/temperature [T]", "show or set it: 0 to inf");
        HELP.put("/top [N]", "what the last token could have been");
        HELP.put("/system [TEXT]", "show or set the system message");
        HELP.put("/tools [FILE]", "show the tools, or read them from JSON");
        HELP.put("/reset", "forget what was said");
        HELP.put("/save FILE", "write what was said, as JSON");
        HELP.put("/load FILE", "go on from what was saved");
        HELP.put("/stats", "tokens, speed, memory");
        HELP.put("/help", "this list");
        HELP.put("/exit", "leave, as Ctrl-D does");
    }

    private final Terminal terminal;
    private final ChatRun run;
    private final ChatPartner partner;

    ChatCommands(Terminal terminal, ChatRun run, ChatPartner partner) {
        this.terminal = terminal;
        this.run = run;
        this.partner = partner;
    }

    /**
     * Does what a line asks for. What goes wrong is told, and the chat goes on.
     *
     * @return whether the chat goes on
     */
    boolean run(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String rest = words.length > 1 ? words[1] : "";
        try {
            switch (words[0]) {
                case "/temperature" -> temperature(rest);
                case "/top" -> top(rest);
                case "/system" -> system(rest);
                case "/tools" -> tools(rest);
                case "/reset" -> reset();
                case "/save" -> save(path(rest));
                case "/load" -> load(path(rest));
                case "/stats" -> stats();
                case "/help" -> help();
                case "/exit", "/quit" -> {
                    return false;
                }
                default -> unknown(words[0]);
            }
        } catch (IOException | IllegalArgumentException e) {
            terminal.out().flush();
            terminal.remark(FailureMessage.of(e));
        }
        terminal.out().flush();
        return true;
    }

    private void unknown(String name) {
        List<String> names =
                HELP.keySet().stream().map(each -> each.split(" ", 2)[0]).toList();
        Optional<String> similar = Similar.to(name, names);
        terminal.remark("no command " + name
                + similar.map(each -> "; did you mean " + each + "?").orElse("; /help lists them.")
                + " // begins a message with /.");
    }

    private void help() {
        int width = HELP.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
        boolean narrow = terminal.resultColumns() < Terminal.COLUMNS;
        HELP.forEach((name, what) -> {
            if (narrow) {
                terminal.line(name);
                terminal.line("  " + what);
            } else {
                terminal.line(TextTable.align(name, width, 'l') + what);
            }
        });
        terminal.line("A line that ends with \\ goes on;");
        terminal.line("\"\"\" begins and ends a longer text.");
    }

    private void temperature(String value) {
        if (!value.isEmpty()) {
            float temperature = SamplerLanguage.number(value);
            if (!(temperature >= 0)) {
                throw new IllegalArgumentException("/temperature: from 0 to inf, not " + value);
            }
            run.temperature(temperature);
        }
        Glyphs glyphs = terminal.glyphs();
        float temperature = run.temperature();
        terminal.line(glyphs.tau() + " = " + (Float.isNaN(temperature) ? "1" : glyphs.temperature(temperature)));
    }

    private void top(String value) throws IOException {
        int count = value.isEmpty() ? TOP : count(value);
        GeneratedToken last = run.lastToken(count);
        if (last == null) {
            throw new IllegalArgumentException("/top: no token was made yet");
        }
        Glyphs glyphs = terminal.glyphs();
        int bar = Math.max(4, terminal.resultColumns() - NAME_COLUMNS - 12);
        boolean there = false;
        for (TokenLogProb each : last.top()) {
            boolean taken = each.id() == last.id();
            there |= taken;
            double share = Math.exp(each.logProb());
            String name =
                    glyphs.fit(glyphs.quote(OpenModel.tokenText(run.open().tokenizer(), each.id())), NAME_COLUMNS);
            String padded = name + " ".repeat(Math.max(0, NAME_COLUMNS - Glyphs.columns(name)));
            terminal.line((taken ? "* " : "  ") + padded + " " + TextTable.align(Numbers.fixed(100 * share, 1), 5, 'r')
                    + "% " + glyphs.bar(share, bar));
        }
        if (!there) {
            terminal.line(
                    "* " + glyphs.quote(OpenModel.tokenText(run.open().tokenizer(), last.id())) + " is none of these");
        }
        terminal.line("At " + glyphs.tau() + " = 1, before samplers; * taken");
    }

    private static int count(String value) {
        if (!value.matches("[0-9]{1,4}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > MOST_TOP) {
            throw new IllegalArgumentException("/top: a number from 1 to " + MOST_TOP + ", not " + value);
        }
        return Integer.parseInt(value);
    }

    private void system(String text) {
        if (!text.isEmpty() && !partner.system(text)) {
            throw new IllegalArgumentException("/system: the model has no chat training and knows no system message");
        }
        terminal.modelText(partner.system().isEmpty() ? "no system message" : partner.system());
        terminal.text("\n");
    }

    private void tools(String file) throws IOException {
        if (!file.isEmpty()) {
            if (!partner.tools(ChatFile.tools(path(file)))) {
                throw new IllegalArgumentException("/tools: the model has no chat training and calls none");
            }
        }
        if (partner.tools().isEmpty()) {
            terminal.line("no tools");
        }
        for (Tool tool : partner.tools()) {
            terminal.line(Glyphs.withoutControls(tool.name() + "  " + tool.description()));
        }
    }

    private void reset() {
        partner.reset();
        terminal.line("forgotten");
    }

    private static Path path(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of a file is missing");
        }
        return Path.of(name.strip());
    }

    private void save(Path file) throws IOException {
        FileReplacement.write(file, JsonWriter.write(partner.saved(), 2) + "\n");
        terminal.line("saved to " + file);
    }

    private void load(Path file) throws IOException {
        Object value = ChatFile.read(file, "a conversation");
        try {
            partner.load((Map<?, ?>) value);
        } catch (IllegalArgumentException | ClassCastException e) {
            throw ChatFile.defect(file, "a conversation", e);
        }
        terminal.line("loaded " + file);
    }

    private void stats() {
        List<String> lines = new ArrayList<>();
        Generation last = run.last();
        lines.add("context    " + partner.contextTokens() + " of " + run.open().contextLength() + " tokens");
        if (last != null) {
            lines.add("prompt     " + last.promptTokens() + " tokens, " + last.cachedTokens() + " of them known, "
                    + Numbers.fixed(last.promptTokensPerSecond(), 1) + "/s");
            lines.add("answer     " + last.generatedTokens() + " tokens, "
                    + Numbers.fixed(last.generatedTokensPerSecond(), 1) + "/s");
        }
        if (run.metrics().draftedTokens() > 0) {
            lines.add("guessed    " + DraftOption.told(run.metrics()));
        }
        lines.add("samplers   " + run.samplers());
        PeakMemory memory = PeakMemory.ofProcess();
        lines.add("memory     peak " + Numbers.bytes(memory.bytes()));
        lines.forEach(terminal::line);
    }
}
