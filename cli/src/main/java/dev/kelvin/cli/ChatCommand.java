// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.cli;

import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.converse.ChatStyle;
import dev.kelvin.format.json.JsonReader;
import dev.kelvin.format.json.JsonSyntaxException;
import dev.kelvin.generate.OpenModel;
import dev.kelvin.head.MinP;
import dev.kelvin.head.SamplerChain;
import dev.kelvin.head.Temperature;
import dev.kelvin.head.TopK;
import dev.kelvin.head.TopP;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kelvin chat}: a conversation with a model. */
@Command(
        name = "chat",
        header = "Talk with a language model.",
        synopsisHeading = "%nUsage: ",
        customSynopsis = {
            "kelvin chat [--model=FILE] [--system=TEXT] [--tools=FILE] [--set=NAME=VALUE]...",
            "         [--temperature=T | --sampler=STAGE,...] [--seed=N] [--max-tokens=N]",
            "         [--draft=N|FILE]... [--threads=N]"
        },
        sortOptions = false,
        description = {
            "",
            "Answers each line by the model's own chat template. On a screen, what the model thinks is dimmed, Ctrl-C "
                    + "ends an answer, Ctrl-D the chat; lines are edited, completed and remembered. Without a screen: "
                    + "lines in, answers out.",
            "",
            "/help lists the commands of a chat. A line that ends with \\ goes on in the next; \"\"\" begins and ends a "
                    + "longer text. When the context is full, the oldest messages are no longer shown to the model, and "
                    + "that is told.",
            ""
        },
        optionListHeading = "Options:%n",
        footer = {
            "",
            "Examples:",
            "  kelvin chat --model qwen.gguf",
            "  kelvin chat --model qwen.gguf --system \"Answer in one sentence.\" --set enable_thinking=false",
            "  echo \"Once there was a dragon\" | kelvin chat"
        })
final class ChatCommand extends Subcommand {
    private static final int INPUT = 0;

    @Option(names = "--model", paramLabel = "FILE", description = "The GGUF model. " + EmbeddedModel.DEFAULT)
    private Path model;

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
    private String system;

    @Option(names = "--tools", paramLabel = "FILE", description = "JSON: a list of tools that the model may call.")
    private Path tools;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            description = "A variable of the template, such as enable_thinking=false; the value is JSON, or else text.")
    private Map<String, String> set = new LinkedHashMap<>();

    @Option(
            names = "--temperature",
            paramLabel = "T",
            converter = Arguments.Temperature.class,
            description = "From 0 (always the most probable token) to inf (each candidate alike). Default: 0.8.")
    private Float temperature;

    @Option(
            names = "--sampler",
            paramLabel = "STAGE,...",
            converter = SamplerSpec.class,
            description = "These samplers in this order, see 'kelvin generate --help'. Default: top-k 40, top-p 0.95, "
                    + "min-p 0.05, then the temperature.")
    private SamplerChain sampler;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the random picks. Default: a new one each time.")
    private Long seed;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "2048",
            converter = Arguments.PositiveCount.class,
            description = "End an answer after N tokens. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Mixin
    private final KvTypeOption kv = new KvTypeOption();

    @Mixin
    private final ThreadsOption threads = new ThreadsOption();

    @Mixin
    private final DraftOption draft = new DraftOption();

    @Mixin
    private final Models models = new Models();

    ChatCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    void run() throws IOException, TemplateException {
        if (sampler != null && temperature != null) {
            throw usage("--sampler replaces --temperature: give either");
        }
        int threadCount = threads.count();
        long usedSeed = seed == null ? ThreadLocalRandom.current().nextLong(1L << 32) : seed;
        try (OpenModel open = Models.openWriter(model, threadCount, models.loading(terminal))) {
            SamplerChain samplers = SamplerSpec.forModel(this, chain(), open);
            ChatRun run =
                    new ChatRun(open, samplers, usedSeed, maxTokens, kv.limits().withDraft(draft.prepare(open)));
            run.forecast().ifPresent(terminal::remark);
            ChatPartner partner = partner(run);
            try (ChatInput input = input(run)) {
                talk(input, run, partner);
            }
        }
    }

    private SamplerChain chain() {
        float value = temperature == null ? 0.8f : temperature;
        return sampler != null
                ? sampler
                : SamplerChain.of(new TopK(40), new TopP(0.95f), new MinP(0.05f), new Temperature(value));
    }

    private ChatInput input(ChatRun run) throws IOException {
        boolean typed = terminal.interactive() && Screen.isAt(INPUT);
        return typed ? new ScreenChatInput(run::interrupt) : new PlainChatInput(System.in);
    }

    private ChatPartner partner(ChatRun run) throws IOException, TemplateException {
        OpenModel open = run.open();
        if (model == null) {
            terminal.remark("this model tells stories and has no chat training: it goes on with what you write");
            if (system != null || tools != null || !set.isEmpty()) {
                throw usage("--system, --tools and --set are for models with chat training: give one with --model");
            }
            return new StoryPartner(run, open.tokenizer(), terminal);
        }
        ChatStyle style = ChatStyle.of(open.metadata(), open.tokenizer());
        style.standIn()
                .ifPresent(each -> terminal.remark("the model has no chat template; that of " + each + " is taken"));
        Map<String, Object> values = new LinkedHashMap<>();
        set.forEach((name, value) -> values.put(name, value(value)));
        MessagePartner partner = new MessagePartner(run, style, open.tokenizer(), terminal, values);
        if (system != null) {
            partner.system(system);
        }
        if (tools != null) {
            partner.tools(ChatFile.tools(tools));
        }
        return partner;
    }

    private static Object value(String text) {
        try {
            return JsonReader.read(text);
        } catch (JsonSyntaxException e) {
            return text;
        }
    }

    private void talk(ChatInput input, ChatRun run, ChatPartner partner) throws IOException {
        ChatCommands commands = new ChatCommands(terminal, run, partner);
        ChatVoice voice = new ChatVoice(terminal);
        while (true) {
            String message = input.next(partner.prompt());
            if (message == null) {
                return;
            }
            if (message.startsWith("/") && !message.startsWith("//")) {
                if (!commands.run(message)) {
                    return;
                }
            } else if (!message.isBlank()) {
                answer(partner, message.startsWith("//") ? message.substring(1) : message, voice);
            }
            if (terminal.outputClosed()) {
                return;
            }
        }
    }

    private void answer(ChatPartner partner, String message, ChatVoice voice) {
        try {
            partner.answer(message, voice);
        } catch (IllegalArgumentException e) {
            terminal.out().flush();
            terminal.remark(FailureMessage.of(e));
        }
    }
}
