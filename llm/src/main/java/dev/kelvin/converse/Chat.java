// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.converse;

import dev.kelvin.chat.AnswerFormat;
import dev.kelvin.chat.AnswerParser;
import dev.kelvin.chat.ChatTemplate;
import dev.kelvin.chat.Conversation;
import dev.kelvin.chat.jinja.TemplateException;
import dev.kelvin.constraint.Constraint;
import dev.kelvin.constraint.GrammarException;
import dev.kelvin.constraint.TokenTrie;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.GenerationListener;
import dev.kelvin.generate.GenerationRequest;
import dev.kelvin.generate.GenerationTask;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Talks with a model: a conversation becomes a prompt by the model's template, the engine answers it under whatever
 * grammar the request asks for, and the answer is taken apart while it comes.
 *
 * <p>What is the template's own may be a control token; what somebody wrote never is. What cannot be done is refused
 * before the first token, with an {@link IllegalArgumentException}. For any number of threads.
 */
public final class Chat {
    /** Grammars whose masks are kept; the least recently used goes first. */
    private static final int KEPT_GRAMMARS = 32;

    private final ChatStyle style;
    private final Tokenizer tokenizer;
    private final Answering engine;
    private final Supplier<LocalDateTime> now;
    private final Map<AnswerFormat, TokenTrie> tries = new HashMap<>();
    private final Map<AnswerRules.Sources, Constraint> constraints = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<AnswerRules.Sources, Constraint> eldest) {
            return size() > KEPT_GRAMMARS;
        }
    };

    /** An engine's {@code submitAll}. All that it is given must be answered on one thread. */
    @FunctionalInterface
    public interface Answering {
        /** Asks for answers, see {@link dev.kelvin.generate.Engine#submitAll}. */
        List<GenerationTask> submitAll(List<GenerationRequest> requests, List<GenerationListener> listeners);

        /** Asks for one after the other, where there is nobody else who could take a place in between. */
        static Answering oneByOne(BiFunction<GenerationRequest, GenerationListener, GenerationTask> submit) {
            return (requests, listeners) -> {
                List<GenerationTask> tasks = new ArrayList<>();
                for (int i = 0; i < requests.size(); i++) {
                    tasks.add(submit.apply(requests.get(i), listeners.get(i)));
                }
                return tasks;
            };
        }
    }

    /**
     * Prepares to talk.
     *
     * @param style how the model is talked to
     * @param tokenizer of the model
     * @param engine answers
     */
    public Chat(ChatStyle style, Tokenizer tokenizer, Answering engine) {
        this(style, tokenizer, engine, () -> LocalDateTime.now(ZoneId.systemDefault()));
    }

    /**
     * Prepares to talk at another time than this machine's clock tells.
     *
     * @param style how the model is talked to
     * @param tokenizer of the model
     * @param engine answers
     * @param now the time that a template may show; where it stands still, equal requests have equal prompts
     */
    public Chat(ChatStyle style, Tokenizer tokenizer, Answering engine, Supplier<LocalDateTime> now) {
        this.style = style;
        this.tokenizer = tokenizer;
        this.engine = engine;
        this.now = now;
    }

    /**
     * Prepares to talk with an open model.
     *
     * @throws ModelFormatException if its file says what cannot be about its template
     */
    public static Chat of(Kelvin kelvin) throws ModelFormatException {
        try {
            return new Chat(ChatStyle.of(kelvin.metadata(), kelvin.tokenizer()), kelvin.tokenizer(), kelvin::submitAll);
        } catch (TemplateException e) {
            throw new IllegalArgumentException("chat: the model's template: " + e.getMessage(), e);
        }
    }

    /** How the model is talked to. */
    public ChatStyle style() {
        return style;
    }

    /**
     * The prompt of a conversation, control tokens spelled out.
     *
     * @throws IllegalArgumentException if the template refuses the conversation
     */
    public String prompt(Conversation conversation) {
        return rendered(conversation).text();
    }

    /**
     * The ids of the prompt of a conversation; as many tokens as it takes of the context.
     *
     * @throws IllegalArgumentException if the template refuses the conversation
     */
    public int[] promptIds(Conversation conversation) {
        return ids(rendered(conversation));
    }

    /** The same for a request, whose choice may leave out the tools. */
    public int[] promptIds(ChatRequest request) {
        return promptIds(request.conversation().withTools(request.tools()));
    }

    /**
     * Asks for an answer.
     *
     * @param listener hears of it on the engine's thread
     * @return the answer on its way
     * @throws IllegalArgumentException if the template refuses the conversation, a schema or grammar is malformed or
     *     not supported, or the prompt is longer than the model's context
     * @throws java.util.concurrent.RejectedExecutionException as the engine
     * @throws IllegalStateException as the engine
     */
    public ChatTask submit(ChatRequest request, ChatListener listener) {
        return submitAll(List.of(request), List.of(listener)).getFirst();
    }

    /**
     * Asks for several answers, of which all find a place or none. Their templates are rendered one by one, and a
     * prompt that several share is computed once.
     *
     * @param requests oldest first
     * @param listeners one each, on the engine's thread
     * @return the answers on their way
     * @throws IllegalArgumentException as {@link #submit}, or if there are not as many listeners as requests
     * @throws java.util.concurrent.RejectedExecutionException as the engine
     * @throws IllegalStateException as the engine
     */
    public List<ChatTask> submitAll(List<ChatRequest> requests, List<? extends ChatListener> listeners) {
        if (requests.size() != listeners.size()) {
            throw new IllegalArgumentException(
                    "chat: " + requests.size() + " requests have " + listeners.size() + " listeners");
        }
        List<GenerationRequest> generations = new ArrayList<>();
        List<AnswerReader> readers = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            Prepared prepared = prepare(requests.get(i), listeners.get(i));
            generations.add(prepared.generation());
            readers.add(prepared.reader());
        }
        List<GenerationTask> tasks = engine.submitAll(generations, List.copyOf(readers));
        List<ChatTask> all = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            all.add(new ChatTask(tasks.get(i), readers.get(i).answerOf(tasks.get(i))));
        }
        return all;
    }

    /** What the engine is asked, and who takes its answer apart. */
    private record Prepared(GenerationRequest generation, AnswerReader reader) {}

    private Prepared prepare(ChatRequest request, ChatListener listener) {
        Conversation conversation = request.conversation().withTools(request.tools());
        LiteralText rendered = rendered(conversation);
        int[] prompt = ids(rendered);
        AnswerFormat format = request.tools().isEmpty()
                ? style.answers().withoutTools()
                : style.knowsTools() ? style.answers() : AnswerFormat.HERMES;
        GenerationRequest generation =
                request.generation().withPrompt(prompt).withSpecial(true).withConstraint(null);
        Optional<AnswerRules.Sources> sources = AnswerGrammar.of(request, style, format, rendered.text());
        if (sources.isPresent()) {
            generation =
                    generation.withConstraint(constraint(sources.get(), format).begin());
        }
        List<Object> tools = new ArrayList<>();
        request.tools().forEach(tool -> tools.add(tool.variable()));
        AnswerParser parser = new AnswerParser(format, rendered.text(), tools);
        ToolCallIds ids = new ToolCallIds(generation);
        return new Prepared(generation, new AnswerReader(parser, listener, ids, request.parallelToolCalls()));
    }

    private LiteralText rendered(Conversation conversation) {
        boolean knowsTools = style.knowsTools();
        Conversation shown = knowsTools ? conversation : ToolsInWords.of(conversation);
        try {
            return rendered(shown, false);
        } catch (TemplateException e) {
            // Some templates want the arguments of earlier calls as JSON texts, and fail for anything else.
            if (shown.hasToolCalls()) {
                try {
                    return rendered(shown, true);
                } catch (TemplateException _) {
                    throw refused(e);
                }
            }
            throw refused(e);
        }
    }

    private static IllegalArgumentException refused(TemplateException e) {
        return new IllegalArgumentException("chat: the model's template: " + e.getMessage(), e);
    }

    private LiteralText rendered(Conversation conversation, boolean argumentsAsJson) throws TemplateException {
        Map<String, Object> variables = new LinkedHashMap<>(style.tokens());
        Map<?, ?> marked = (Map<?, ?>) LiteralText.marked(conversation.variables(argumentsAsJson), tokenizer);
        marked.forEach((name, value) -> variables.put((String) name, value));
        String prompt = style.template().render(variables, now.get());
        if (conversation.continuesLast()) {
            List<Map<String, ?>> messages = new ArrayList<>();
            for (Object each : (List<?>) marked.get("messages")) {
                @SuppressWarnings("unchecked") // as made above
                Map<String, ?> message = (Map<String, ?>) each;
                messages.add(message);
            }
            prompt = ChatTemplate.continued(prompt, messages);
        }
        return LiteralText.of(prompt);
    }

    private int[] ids(LiteralText prompt) {
        int[] ids = tokenizer.encode(prompt.text(), prompt.literal());
        boolean begun = ids.length > 0 && ids[0] == tokenizer.bosId();
        if (begun || !tokenizer.addsBos()) {
            return ids;
        }
        int[] begin = new int[ids.length + 1];
        begin[0] = tokenizer.bosId();
        System.arraycopy(ids, 0, begin, 1, ids.length);
        return begin;
    }

    private Constraint constraint(AnswerRules.Sources sources, AnswerFormat format) {
        synchronized (constraints) {
            Constraint known = constraints.get(sources);
            if (known != null) {
                return known;
            }
        }
        Constraint made;
        try {
            made = new Constraint(sources.grammar(), trie(format));
        } catch (GrammarException e) {
            throw new IllegalArgumentException("chat: " + e.getMessage(), e);
        }
        synchronized (constraints) {
            Constraint known = constraints.putIfAbsent(sources, made);
            return known == null ? made : known;
        }
    }

    /** The tokens of text, and of control tokens the marks of answers. */
    private TokenTrie trie(AnswerFormat format) {
        synchronized (tries) {
            return tries.computeIfAbsent(format, _ -> {
                String marks = AnswerGrammar.marks(style, format);
                return TokenTrie.of(tokenizer.vocabSize(), id -> spelling(id, marks), tokenizer::isEndOfText);
            });
        }
    }

    private byte[] spelling(int id, String marks) {
        byte[] bytes = tokenizer.bytes(id);
        String piece = bytes.length == 0 ? tokenizer.piece(id) : "";
        boolean isMark = piece.length() > 2 && id != tokenizer.bosId() && marks.contains(piece);
        return isMark ? piece.getBytes(StandardCharsets.UTF_8) : bytes;
    }
}
