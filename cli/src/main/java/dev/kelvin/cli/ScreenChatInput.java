// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.File;
import java.io.IOError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.EOFError;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.Parser;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;

/** Lines that somebody types: edited, completed, remembered. Ctrl-C while an answer comes goes to whoever asked. */
final class ScreenChatInput implements ChatInput {
    /** So often may the screen fail to be set up before that is no accident. */
    private static final int MOST_FAILURES = 50;

    private static final String CONTINUED = "%P· ";

    private final org.jline.terminal.Terminal screen;
    private final Attributes attributes;
    private final LineReader reader;
    private int failures;

    /**
     * Takes the screen.
     *
     * @param interrupt what Ctrl-C does while nothing is typed
     */
    ScreenChatInput(Runnable interrupt) throws IOException {
        // With the system's own stty: the other ways call native code, which the JVM warns of. The library would try
        // that
        // first for its pipes, too.
        System.setProperty(
                TerminalBuilder.PROP_REDIRECT_PIPE_CREATION_MODE,
                TerminalBuilder.PROP_REDIRECT_PIPE_CREATION_MODE_REFLECTION);
        System.setProperty(
                TerminalBuilder.PROP_FILE_DESCRIPTOR_CREATION_MODE,
                TerminalBuilder.PROP_FILE_DESCRIPTOR_CREATION_MODE_REFLECTION);
        screen = TerminalBuilder.builder()
                .system(true)
                // Asking the screen what it can do would leave its answer in the line.
                .graphemeCluster(false)
                .provider(TerminalBuilder.PROP_PROVIDER_EXEC)
                .build();
        attributes = screen.getAttributes();
        screen.handle(Signal.INT, _ -> interrupt.run());
        DefaultParser words = new DefaultParser().quoteChars(null).escapeChars(null);
        reader = LineReaderBuilder.builder()
                .terminal(screen)
                .appName("kelvin")
                .parser(new Parser() {
                    @Override
                    public ParsedLine parse(String line, int cursor, ParseContext context) {
                        if (context == ParseContext.ACCEPT_LINE && isOpen(line)) {
                            throw new EOFError(-1, -1, "more lines");
                        }
                        return words.parse(line, cursor, context);
                    }

                    private boolean isOpen(String line) {
                        return ChatInput.isOpen(line);
                    }
                })
                .completer(completer())
                .variable(LineReader.SECONDARY_PROMPT_PATTERN, CONTINUED)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .option(LineReader.Option.HISTORY_IGNORE_SPACE, false)
                .build();
        // Alt-Enter begins a line within the message.
        reader.getKeyMaps().get(LineReader.MAIN).bind(new Reference(LineReader.SELF_INSERT_UNMETA), "\u001b\r");
        Path history = history();
        if (history != null) {
            reader.setVariable(LineReader.HISTORY_FILE, history);
        }
    }

    /** Where what was typed is remembered; null if nowhere. */
    private static Path history() {
        String state = System.getenv("XDG_STATE_HOME");
        Path folder = state == null || state.isEmpty()
                ? Path.of(System.getProperty("user.home", "."), ".local", "state")
                : Path.of(state);
        try {
            return Files.createDirectories(folder.resolve("kelvin")).resolve("chat-history");
        } catch (IOException nowhere) {
            return null;
        }
    }

    private static Completer completer() {
        return (line, words, candidates) -> {
            List<String> typed = words.words();
            if (words.wordIndex() == 0 && words.word().startsWith("/")) {
                for (Map.Entry<String, String> each : ChatCommands.HELP.entrySet()) {
                    String name = each.getKey().split(" ", 2)[0];
                    candidates.add(new Candidate(name, name, null, each.getValue(), null, null, true));
                }
            } else if (words.wordIndex() == 1 && ChatCommands.TAKES_FILE.contains(typed.getFirst())) {
                files(words.word().substring(0, words.wordCursor()), candidates);
            }
        };
    }

    /** The files whose name goes on from what was typed. */
    private static void files(String typed, List<Candidate> candidates) {
        int name = typed.lastIndexOf(File.separatorChar) + 1;
        String folder = typed.substring(0, name);
        File[] files = new File(folder.isEmpty() ? "." : folder).listFiles();
        for (File file : files == null ? new File[0] : files) {
            boolean isFolder = file.isDirectory();
            String path = folder + file.getName() + (isFolder ? File.separator : "");
            candidates.add(new Candidate(path, file.getName(), null, null, null, null, !isFolder));
        }
    }

    @Override
    public String next(String prompt) {
        while (true) {
            try {
                return ChatInput.message(reader.readLine(prompt));
            } catch (UserInterruptException _) {
                // What was typed is dropped, as shells do.
                screen.flush();
            } catch (EndOfFileException _) {
                return null;
            } catch (IOError e) {
                // Ctrl-C also ends the stty by which the screen is set up.
                if (++failures > MOST_FAILURES) {
                    throw e;
                }
                restore();
            }
        }
    }

    /** Sets the screen up as it was at first, so that Ctrl-C is a signal again. */
    private void restore() {
        try {
            screen.setAttributes(attributes);
        } catch (IOError _) {
            // Reading the next line tries again.
        }
    }

    @Override
    public void close() throws IOException {
        try {
            screen.close();
        } catch (IOError e) {
            restore();
        }
    }
}
