// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.generate.EngineLimits;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.model.LanguageModels;
import dev.kelvin.model.ModelSurvey;
import dev.kelvin.model.SystemMemory;
import dev.kelvin.ops.Compute;
import dev.kelvin.server.KelvinServer;
import dev.kelvin.server.ServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin serve}: a model behind HTTP. */
@Command(
        name = "serve",
        header = "Serve a language model over HTTP, by the interfaces of OpenAI and Ollama.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin serve [--model=FILE] [--name=NAME] [--host=ADDRESS] [--port=N]",
            "         [--api-key=KEY | --insecure] [--cors=ORIGIN,...]",
            "         [--parallel=N] [--queue=N] [--delay=MS] [--kv-memory=SIZE] [--kv-type=TYPE]",
            "         [--cache=FILE] [--draft=N|FILE]... [--end-time=SECONDS] [--threads=N]"
        },
        sortOptions = false,
        description = {
            "",
            "Answers are computed together, and none depends on the others: the same request with the same seed has "
                    + "the same answer, to the byte, whoever else is asking.",
            "",
            "It listens to this machine alone. Another --host takes a key that each request has to carry, or "
                    + "--insecure. Told to end (Ctrl-C, SIGTERM), it takes no more requests and lets the running "
                    + "answers end.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin serve",
            "  kelvin serve --model model.gguf --port 9000",
            "  KELVIN_API_KEY=secret kelvin serve --model model.gguf --host 0.0.0.0",
            "  curl http://127.0.0.1:8080/v1/completions --json '{\"prompt\": \"Once\"}'"
        })
final class ServeCommand extends Subcommand {
    /** Where a key is found that should not stand on a command line, which others may read. */
    private static final String KEY_VARIABLE = "KELVIN_API_KEY";

    private static final long LOOK_MILLIS = 50;
    private static final int PARALLEL = 16;

    /** Held, as the logging of Java forgets what nobody holds. */
    private static final Logger HTTP_LOG = Logger.getLogger("io.helidon");

    @Option(names = "--model", paramLabel = "FILE", description = "The GGUF model. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What clients call the model by. Default: the file's name.")
    private String name;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address to listen at; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}.")
    private String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            converter = Arguments.Count.class,
            description = "The port; 0 for any that is free. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description =
                    "Answer only requests that carry this key. Default: that of the variable " + KEY_VARIABLE + ".")
    private String apiKey;

    @Option(names = "--insecure", description = "Listen beyond this machine without a key.")
    private boolean insecure;

    @Option(
            names = "--cors",
            split = ",",
            paramLabel = "ORIGIN",
            description = "Let scripts of pages from these origins ask, such as https://example.org; * for all.")
    private List<String> origins = List.of();

    @Option(
            names = "--parallel",
            paramLabel = "N",
            converter = Arguments.Count.class,
            description = "The most answers computed together. Default: " + PARALLEL + ".")
    private Integer parallel;

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "256",
            converter = Arguments.Count.class,
            description = "The most requests that wait; others are refused. Default: ${DEFAULT-VALUE}.")
    private int queue;

    @Option(
            names = "--delay",
            paramLabel = "MS",
            defaultValue = "500",
            converter = Arguments.Count.class,
            description = "How long a prompt may hold up running answers at a time, in milliseconds: more ends prompts "
                    + "sooner, less lets answers flow. Default: ${DEFAULT-VALUE}.")
    private int delayMillis;

    @Option(
            names = "--kv-memory",
            paramLabel = "SIZE",
            converter = Arguments.Bytes.class,
            description =
                    "The most memory of keys and values, such as 800M or 2G; texts that were answered are kept in "
                            + "it, as long as there is room. Default: half of what is free.")
    private Long kvMemory;

    @Option(
            names = "--cache",
            paramLabel = "FILE",
            description =
                    "Keep the texts that were answered in FILE from one run to the next. No answer depends on it.")
    private Path cache;

    @Option(
            names = "--end-time",
            paramLabel = "SECONDS",
            defaultValue = "30",
            converter = Arguments.Count.class,
            description = "Time that running answers have when the server is told to end. Default: ${DEFAULT-VALUE}.")
    private int endTime;

    @Mixin
    private final KvTypeOption kv = new KvTypeOption();

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Mixin
    private final DraftOption draft = new DraftOption();

    @Mixin
    private final Models models = new Models();

    ServeCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws Exception {
        HTTP_LOG.setLevel(Level.SEVERE); // each malformed request is told to its client, and would be logged too
        ServerOptions options = options();
        EngineLimits limits = limits();
        int count = threads.count();
        Stoppable.run(terminal, stop -> {
            // A server runs long: what is compiled pays off.
            OpenModel open = Models.open(
                    model,
                    Compute.startQuick(count),
                    models.loading(terminal),
                    (file, compute) -> foretell(LanguageModels.survey(file, compute), limits));
            int guesses = prepareDraft(open);
            try (KelvinServer server = KelvinServer.start(open, limits.withDraft(guesses), options)) {
                loadCache(server);
                terminal.err().println("kelvin: " + options.name() + " is served at " + server.uri());
                terminal.err().flush();
                await(stop);
                terminal.err().println("kelvin: ending; running answers have " + endTime + " s");
                server.end();
                saveCache(server);
            }
        });
    }

    private EngineLimits limits() {
        EngineLimits standard = EngineLimits.STANDARD;
        int answers = parallel == null ? PARALLEL : parallel;
        return standard.with(Math.max(standard.rows(), answers), answers)
                .withQueued(queue)
                .withDelay(Duration.ofMillis(delayMillis).toNanos())
                .withKeysAndValues(kvBytes(), kv.type());
    }

    private int prepareDraft(OpenModel open) throws IOException {
        try {
            return draft.prepare(open);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /** What memory does not hold is told before anything is loaded. */
    private void foretell(ModelSurvey survey, EngineLimits limits) {
        Optional<String> refusal =
                MemoryForecast.ofServing(survey, limits, parallel == null ? 1 : parallel, SystemMemory.free());
        if (refusal.isPresent()) {
            throw new IllegalArgumentException(refusal.get());
        }
        MemoryForecast.ofServedTexts(survey, limits).ifPresent(terminal::remark);
    }

    private static void await(BooleanSupplier stop) {
        while (!stop.getAsBoolean()) {
            try {
                Thread.sleep(LOOK_MILLIS);
            } catch (InterruptedException told) {
                return;
            }
        }
    }

    /** A file that cannot be used is told, and the server goes on without. */
    private void loadCache(KelvinServer server) {
        if (cache == null || Files.notExists(cache)) {
            return;
        }
        try {
            terminal.err().println("kelvin: " + server.loadCache(cache) + " texts of " + cache + " are known");
        } catch (IOException e) {
            terminal.err().println("kelvin: --cache is not used: " + FailureMessage.of(e));
        }
    }

    private void saveCache(KelvinServer server) throws IOException {
        if (cache != null) {
            terminal.err().println("kelvin: " + server.saveCache(cache) + " texts are kept in " + cache);
        }
    }

    /** 0 for what the engine chooses. */
    private long kvBytes() {
        if (kvMemory == null) {
            return 0;
        }
        long most = Runtime.getRuntime().maxMemory();
        if (kvMemory > most) {
            throw usage("--kv-memory " + Numbers.bytes(kvMemory) + " is more than the heap of Java may have, "
                    + Numbers.bytes(most) + " (KELVIN_JAVA_OPTS=-Xmx... gives it more)");
        }
        return kvMemory;
    }

    private ServerOptions options() {
        if ((parallel != null && parallel < 1) || queue < 1 || delayMillis < 1) {
            throw usage("--parallel, --queue and --delay must be at least 1");
        }
        String key = apiKey == null ? System.getenv(KEY_VARIABLE) : apiKey;
        try {
            return new ServerOptions(
                    name == null ? nameOf(Models.name(model)) : name,
                    InetAddress.getByName(host),
                    port,
                    Optional.ofNullable(key),
                    insecure,
                    origins,
                    Duration.ofSeconds(endTime));
        } catch (UnknownHostException e) {
            throw usage("--host: '" + host + "' is no address of this machine");
        } catch (IllegalArgumentException e) {
            String reason = e.getMessage().replaceFirst("^server: ", "");
            throw usage(
                    reason.contains("can be reached")
                            ? reason + " (--api-key, " + KEY_VARIABLE + ", --insecure)"
                            : reason);
        }
    }

    private static String nameOf(String path) {
        String file = Path.of(path).getFileName().toString();
        return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
    }
}
