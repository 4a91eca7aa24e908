// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code kelvin}. */
@Command(
        name = "kelvin",
        header = "Language models on the JVM, and the temperature softmax at their end.",
        description = {
            "",
            "Kelvin reads GGUF model files and computes them in plain Java on SIMD lanes.",
            "'kelvin COMMAND --help' explains a command and gives examples."
        },
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin COMMAND [OPTION]...",
            "       kelvin \"PROMPT\" [OPTION-OF-GENERATE]...",
            "       kelvin [--help | --version]"
        },
        sortOptions = false,
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:fine", "1:failure, told in one line on standard error", "2:wrong usage"},
        footer = {
            "",
            "Examples:",
            "  kelvin \"Once upon a time\"",
            "  kelvin temperature --logits 2.0,1.0,0.1",
            "  kelvin generate \"Once upon a time\" --temperature 0",
            "  kelvin help generate",
        },
        versionProvider = Main.Version.class)
final class Main implements Runnable {
    static final int OK = 0;
    static final int FAILURE = 1;
    static final int USAGE = 2;

    /** The commands by their names, in the order of the help. */
    private static final Map<String, Function<Terminal, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("generate", GenerateCommand::new);
        COMMANDS.put("chat", ChatCommand::new);
        COMMANDS.put("serve", ServeCommand::new);
        COMMANDS.put("train", TrainCommand::new);
        COMMANDS.put("temperature", TemperatureCommand::new);
        COMMANDS.put("inspect", InspectCommand::new);
        COMMANDS.put("quantize", QuantizeCommand::new);
        COMMANDS.put("convert", ConvertCommand::new);
        COMMANDS.put("tokenize", TokenizeCommand::new);
        COMMANDS.put("logits", LogitsCommand::new);
        COMMANDS.put("embed", EmbedCommand::new);
        COMMANDS.put("rerank", RerankCommand::new);
        COMMANDS.put("template", TemplateCommand::new);
        COMMANDS.put("grammar", GrammarCommand::new);
        COMMANDS.put("perplexity", PerplexityCommand::new);
        COMMANDS.put("bench", BenchCommand::new);
        COMMANDS.put("roofline", RooflineCommand::new);
        COMMANDS.put("help", terminal -> new HelpCommand());
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help and leave.")
    @SuppressWarnings("unused") // for picocli, which acts on it
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Print the versions of Kelvin and of Java and leave.")
    @SuppressWarnings("unused") // for picocli, which acts on it
    private boolean version;

    private Main() {}

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        int err = useTrueStandardError();
        StandardOutput stdout = new StandardOutput();
        PrintStream out = new PrintStream(new BufferedOutputStream(stdout), false, StandardCharsets.UTF_8);
        int exitCode = run(Terminal.ofProcess(out, err), withCommand(args));
        out.flush();
        Optional<IOException> failure = stdout.failure();
        if (failure.isPresent()) {
            System.err.println("kelvin: cannot write to standard output: " + FailureMessage.of(failure.get()));
            exitCode = FAILURE;
        }
        System.exit(exitCode);
    }

    /**
     * The launcher reads the JVM's own messages to drop one of them, and names here the file descriptor of the true
     * standard error, so that the program's messages need not take that way and cannot come late. The descriptor itself
     * is used, which Java has no public way to do: opening {@code /dev/fd/3} anew would write over what others have
     * written to a file. Where the package is not opened, they do take that way.
     *
     * @return the descriptor that messages go to
     */
    private static int useTrueStandardError() {
        int standard = 2;
        Integer descriptor = Integer.getInteger("kelvin.stderr");
        if (descriptor == null) {
            return standard;
        }
        try {
            Constructor<FileDescriptor> byNumber = FileDescriptor.class.getDeclaredConstructor(int.class);
            if (byNumber.trySetAccessible()) {
                FileOutputStream out = new FileOutputStream(byNumber.newInstance(descriptor.intValue()));
                System.setErr(new PrintStream(out, true, System.err.charset()));
                return descriptor;
            }
        } catch (ReflectiveOperationException otherwiseMade) {
            return standard; // standard error stays as it is
        }
        return standard;
    }

    /** Spells out {@code kelvin "Once upon a time"}. */
    static String[] withCommand(String[] args) {
        return PromptWords.withCommand(args, COMMANDS.keySet());
    }

    /** Runs one command in this process, for a terminal that shows UTF-8 and is not a screen. */
    static int run(PrintStream out, PrintStream err, String... args) {
        return run(new Terminal(out, err, true, false), args);
    }

    /** Runs one command in this process and returns its exit code. */
    static int run(Terminal terminal, String... args) {
        Optional<Map<String, String>> plain = PlainArguments.of(args);
        try {
            return plain.isPresent() ? new GenerateCommand(terminal, plain.get()).call() : parsed(terminal, args);
        } catch (Exception | Error e) { // picocli hands on exceptions only; memory can run out and assertions can fail
            return fail(terminal, e, Arrays.asList(args).contains("--debug"));
        }
    }

    /** Runs the command that the parser makes of the arguments. */
    private static int parsed(Terminal terminal, String... args) {
        CommandLine kelvin = new CommandLine(new Main());
        for (String name : needed(args)) {
            kelvin.addSubcommand(name, COMMANDS.get(name).apply(terminal));
        }
        boolean narrow = terminal.resultColumns() < Terminal.COLUMNS;
        Help.Ansi colours = terminal.interactive() && !narrow ? Help.Ansi.AUTO : Help.Ansi.OFF;
        StringWriter help = new StringWriter();
        // A prompt may begin with "@", and is no file of arguments then.
        kelvin.setExpandAtFiles(false)
                .registerConverter(Path.class, new ExistingName())
                .registerConverter(Long.class, new Arguments.Whole())
                .registerConverter(long.class, new Arguments.Whole())
                .registerConverter(Double.class, new Arguments.Real())
                .registerConverter(double.class, new Arguments.Real())
                .setOut(new PrintWriter(help))
                .setErr(new PrintWriter(terminal.err(), true, terminal.err().charset()))
                .setColorScheme(Help.defaultColorScheme(colours))
                .setUsageHelpWidth(Terminal.COLUMNS)
                .setParameterExceptionHandler(Main::refuse)
                .setExecutionExceptionHandler((e, command, parsed) -> fail(terminal, e, debug(command)));
        int exitCode = kelvin.execute(args);
        terminal.text(narrow ? NarrowHelp.of(help.toString(), terminal.resultColumns()) : help.toString());
        return exitCode;
    }

    /**
     * A command that is asked for by its name needs no other: putting all of them together takes a tenth of a second.
     */
    private static Set<String> needed(String... args) {
        boolean one = args.length > 0 && COMMANDS.containsKey(args[0]) && !args[0].equals("help");
        return one ? Set.of(args[0]) : COMMANDS.keySet();
    }

    /** Called when no command is given. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    private static boolean debug(CommandLine command) {
        return command.getCommand() instanceof Subcommand subcommand && subcommand.debug();
    }

    /** Tells a failure in one line and returns its exit code. */
    static int fail(Terminal terminal, Throwable failure, boolean debug) {
        FailureMessage.print(terminal, failure);
        if (debug) {
            failure.printStackTrace(terminal.err());
            terminal.err().flush();
        }
        return FAILURE;
    }

    private static int refuse(ParameterException mistake, String[] args) {
        CommandLine command = mistake.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("kelvin: " + FailureMessage.of(new IllegalArgumentException(UsageMessage.of(mistake, args))));
        err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }

    /** What {@code kelvin --version} prints. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                ProgramVersion.text(),
                "Java " + Runtime.version() + " (" + System.getProperty("java.vendor") + "), "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
