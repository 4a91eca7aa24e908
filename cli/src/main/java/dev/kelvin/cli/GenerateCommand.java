// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.Grammar;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.generate.Engine;
import dev.kelvin.generate.GenerateOptions;
import dev.kelvin.generate.Generation;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.generate.SamplerLanguage;
import dev.kelvin.generate.StopReason;
import dev.kelvin.head.MinP;
import dev.kelvin.head.Sampler;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kelvin generate}: the text that a model makes of a prompt. */
@Command(
        name = "generate",
        header = "Continue a prompt with a language model.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin generate [PROMPT] [--model=FILE] [--parse-special] [--echo]",
            "         [--temperature=T] [--top-k=K] [--top-p=P] [--min-p=P]",
            "         [--sampler=STAGE,...] [--json-schema=FILE | --grammar=FILE]",
            "         [--seed=N] [--max-tokens=N] [--draft=N|FILE]... [--threads=N]"
        },
        sortOptions = false,
        description = {
            "",
            "Writes the continuation to standard output as it is made: exactly that text, so a file ends where the "
                    + "model ended (on a screen a line feed follows). Speed, memory and seed go to standard error.",
            "",
            "Each token is picked after --top-k, --top-p, --min-p and --temperature, in this order, or after the "
                    + "stages of --sampler. The same seed, prompt and options give the same text on any machine and "
                    + "any number of threads.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin generate \"Once upon a time\" --echo",
            "  kelvin generate --temperature 0 --max-tokens 200",
            "  kelvin generate \"The dragon\" --temperature 1.2 --seed 7",
            "  kelvin generate --sampler min-p=0.1,temperature=1",
            "  kelvin generate --model qwen.gguf --json-schema person.json \"Ada:\"",
            "  echo \"Once there was\" | kelvin generate -"
        })
final class GenerateCommand extends Subcommand {
    /** The samplers where none are asked for: top-k, top-p, min-p, temperature. */
    static final SamplerChain STANDARD =
            SamplerChain.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(0.8f));

    @Option(names = "--model", paramLabel = "FILE", description = "The GGUF model. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Parameters(
            arity = "0..*",
            paramLabel = "PROMPT",
            hideParamSyntax = true,
            description = "The text to continue; '-' reads it from standard input. "
                    + "Default: empty, the model starts from its begin-of-sequence token.")
    private List<String> words;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The same as PROMPT.")
    private String prompt;

    @Option(
            names = "--parse-special",
            description = "Read text that spells a control token, such as <|im_end|>, as that token.")
    private boolean parseSpecial;

    @Option(names = "--echo", description = "Write the prompt before its continuation.")
    private boolean echo;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            converter = Arguments.Temperature.class,
            description = "From 0 (always the most probable token) to inf (each candidate alike). Default: 0.8.")
    private Float temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            converter = Arguments.Count.class,
            description = "Keep the K most probable tokens; 0 keeps all. Default: 40.")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            converter = Arguments.Share.class,
            description = "Keep the fewest tokens that together have probability P; 1 keeps all. " + "Default: 0.95.")
    private Float topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            converter = Arguments.Share.class,
            description =
                    "Keep tokens at least P times as probable as the most probable; 0 keeps all. " + "Default: 0.05.")
    private Float minP;

    @Option(
            names = "--sampler",
            paramLabel = "STAGE,...",
            converter = SamplerSpec.class,
            description =
                    "Instead of the four options above, these samplers in this order: " + SamplerLanguage.STAGES + ".")
    private SamplerChain sampler;

    @Option(
            names = "--json-schema",
            paramLabel = "FILE",
            description = "Write JSON of this schema (draft 2020-12) and nothing else. What cannot be kept is refused "
                    + "before the first token.")
    private Path jsonSchema;

    @Option(
            names = "--grammar",
            paramLabel = "FILE",
            description = "Write a text of this grammar (GBNF) and nothing else.")
    private Path grammar;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of the random picks. Default: a new one each time, told at the end.")
    private Long seed;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            converter = Arguments.Count.class,
            description = "Stop after N tokens, or earlier where the model ends. Default: ${DEFAULT-VALUE}.")
    private int maxTokens = 512;

    @Mixin
    private final KvTypeOption kv = new KvTypeOption();

    @Mixin
    private final DraftOption draft = new DraftOption();

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Mixin
    private final Models models = new Models();

    GenerateCommand(Terminal terminal) {
        super(terminal);
    }

    /** The command with options that were read by {@link PlainArguments}. */
    GenerateCommand(Terminal terminal, Map<String, String> plain) {
        super(terminal);
        echo = plain.containsKey("--echo");
        prompt = plain.get("--prompt");
        maxTokens = plain.containsKey("--max-tokens") ? Integer.parseInt(plain.get("--max-tokens")) : maxTokens;
        seed = plain.containsKey("--seed") ? Long.valueOf(plain.get("--seed")) : null;
    }

    @Override
    void run() throws IOException, GrammarException {
        if (jsonSchema != null && grammar != null) {
            throw usage("give either --json-schema or --grammar");
        }
        SamplerChain asked = chain();
        Grammar kept = jsonSchema == null && grammar == null ? null : GrammarCommand.read(jsonSchema, grammar);
        String text = Objects.requireNonNullElse(Arguments.promptOf(this, prompt, words), "");
        int threadCount = threads.count();
        // A seed that a person can type again.
        long usedSeed = seed == null ? ThreadLocalRandom.current().nextLong(1L << 32) : seed;
        long start = System.nanoTime();
        try (OpenModel open = Models.openWriter(model, threadCount, models.loading(terminal))) {
            int[] ids = Models.promptIds(open, text, parseSpecial, terminal);
            SamplerChain chain = SamplerSpec.forModel(this, asked, open);
            int guesses = draft.prepare(open);
            Engine engine = open.engine(kv.limits().withPrefixCache(false).withDraft(guesses));
            long loadNanos = System.nanoTime() - start;
            MemoryForecast.ofText(engine, open, (long) ids.length + maxTokens).ifPresent(terminal::remark);
            if (echo) {
                terminal.modelText(text);
            }
            GenerationRequest request =
                    GenerationRequest.of(ids, new GenerateOptions(maxTokens, usedSeed, chain.samplers()));
            if (kept != null) {
                request = request.withConstraint(new Constraint(kept, TokenTrie.of(open.tokenizer())).begin());
            }
            Generation generation = engine.generate(request, GenerationListener.ofText(this::write));
            terminal.endModelText();
            if (kept != null && generation.stopReason() != StopReason.END_OF_TEXT) {
                terminal.remark("the text is cut short and does not keep the "
                        + (grammar == null ? "schema" : "grammar") + " yet");
            }
            summarize(generation, loadNanos, "seed " + usedSeed + ", threads " + threadCount);
            if (guesses > 0) {
                terminal.err().println("guessed    " + DraftOption.told(engine.metrics()));
                terminal.err().flush();
            }
        } catch (ReaderGone end) {
            // The reader has seen enough (`kelvin generate … | head -1`); there is nobody left to tell.
        }
    }

    private SamplerChain chain() {
        if (sampler != null) {
            if (temperature != null || topK != null || topP != null || minP != null) {
                throw usage("--sampler replaces --temperature, --top-k, --top-p and --min-p: give either");
            }
            return sampler;
        }
        List<Sampler> samplers = new ArrayList<>(STANDARD.samplers());
        samplers.set(0, topK == null ? samplers.get(0) : new TopK(topK));
        samplers.set(1, topP == null ? samplers.get(1) : new TopP(topP));
        samplers.set(2, minP == null ? samplers.get(2) : new MinP(minP));
        samplers.set(3, temperature == null ? samplers.get(3) : new Temperature(temperature));
        return new SamplerChain(samplers);
    }

    private void write(String text) {
        terminal.modelText(text);
        if (terminal.outputClosed()) {
            throw new ReaderGone();
        }
    }

    private void summarize(Generation generation, long loadNanos, String run) {
        PeakMemory memory = PeakMemory.ofProcess();
        PrintStream err = terminal.err();
        err.println();
        err.println("prompt     " + rate(generation.promptTokens(), generation.promptTokensPerSecond()));
        err.println("generated  " + rate(generation.generatedTokens(), generation.generatedTokensPerSecond())
                + (generation.stopReason() == StopReason.CONTEXT_FULL ? " (stopped: the context is full)" : ""));
        String first = generation.firstTokenNanos() == 0 ? "none" : millis(generation.firstTokenNanos());
        err.println("time       first token " + first + ", load " + millis(loadNanos));
        err.println("memory     peak " + Numbers.bytes(memory.bytes()) + " (" + memory.source() + ")");
        err.println("run        " + run);
        err.flush();
    }

    private static String rate(int tokens, double perSecond) {
        String count = TextTable.align(Integer.toString(tokens), 5, 'r') + (tokens == 1 ? " token " : " tokens");
        return perSecond == 0 ? count : count + TextTable.align(Numbers.fixed(perSecond, 1), 10, 'r') + " tokens/s";
    }

    private static String millis(long nanos) {
        return Numbers.fixed(nanos / 1e6, 1) + " ms";
    }

    /** Ends a generation whose output nobody reads any more. */
    private static final class ReaderGone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ReaderGone() {
            super("standard output is closed", null, false, false);
        }
    }
}
