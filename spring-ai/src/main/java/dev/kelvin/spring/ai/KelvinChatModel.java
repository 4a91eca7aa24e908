// SPDX-License-Identifier: Apache-2.0
package dev.kelvin.spring.ai;

import dev.kelvin.converse.Chat;
import dev.kelvin.converse.ChatAnswer;
import dev.kelvin.converse.ChatListener;
import dev.kelvin.converse.ChatTask;
import dev.kelvin.format.ModelFormatException;
import dev.kelvin.generate.Kelvin;
import dev.kelvin.generate.StopReason;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.chat.observation.ChatModelObservationDocumentation;
import org.springframework.ai.chat.observation.DefaultChatModelObservationConvention;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.tool.definition.ToolDefinition;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A chat model of Spring AI that is computed in this JVM.
 *
 * <pre>{@code
 * try (Kelvin kelvin = Kelvin.open(Path.of("model.gguf"))) {
 *     ChatModel model = KelvinChatModel.builder(kelvin).build();
 *     String answer = model.call("Tell me a story.");
 * }
 * }</pre>
 *
 * <p>For any number of threads at once: answers are computed together, and none depends on the others. The same prompt
 * with the same {@linkplain KelvinChatOptions#getSeed seed} has the same answer to the bit, streamed or not; the seed
 * of an answer stands in the metadata of its response. It prints nothing. Rejects null.
 *
 * <p>As Spring AI's own models it tells what tools the model wants called, and leaves the calling to a
 * {@code ToolCallingAdvisor} or a {@link ToolCallingManager}. What fails is a
 * {@link org.springframework.ai.retry.TransientAiException} where asking again later helps, as too many requests wait,
 * and otherwise a {@link NonTransientAiException}: a conversation that the model's template refuses or that is longer
 * than its context, a schema that cannot be kept, a model that is closed.
 */
public final class KelvinChatModel implements ChatModel {
    /** Who provides the model, in observations. */
    public static final String PROVIDER = "kelvin";

    private static final ChatModelObservationConvention CONVENTION = new DefaultChatModelObservationConvention();

    /** Whoever reads a stream may block, and the engine's thread must not: each reader has a thread of its own. */
    private static final Scheduler READERS = Schedulers.fromExecutor(
            task -> Thread.ofVirtual().name("kelvin-reader").start(task));

    /** How many pieces of a stream are made ahead of its reader. */
    private static final int AHEAD = 32;

    private final Kelvin kelvin;
    private final Chat chat;
    private final String name;
    private final KelvinChatOptions options;
    private final ToolCallingManager tools;
    private final ObservationRegistry observations;
    private final ChatModelObservationConvention convention;

    private KelvinChatModel(Builder builder, Chat chat) {
        kelvin = builder.kelvin;
        this.chat = chat;
        name = ModelName.of(builder.options.getModel(), kelvin);
        options = builder.options.mutate().model(name).build();
        tools = builder.tools;
        observations = builder.observations;
        convention = builder.convention;
    }

    /**
     * Prepares a model.
     *
     * @param kelvin computes it, and is closed by whoever opened it
     */
    public static Builder builder(Kelvin kelvin) {
        return new Builder(kelvin);
    }

    /** What is done where a prompt says nothing. */
    @Override
    public KelvinChatOptions getOptions() {
        return options;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        Prompt complete = complete(prompt);
        ChatModelObservationContext context = context(complete, false);
        return observation(context).observe(() -> {
            ChatResponse response = answer(Question.of(complete, this));
            context.setResponse(response);
            return response;
        });
    }

    private ChatResponse answer(Question question) {
        ChatTask task = submit(question, ChatListener.NONE);
        try {
            ChatAnswer answer = task.result().get();
            if (answer.stopReason() == StopReason.CANCELLED) {
                throw Failures.closed();
            }
            return question.responses().whole(answer);
        } catch (InterruptedException e) {
            task.cancel();
            Thread.currentThread().interrupt();
            throw new NonTransientAiException("chat: the thread was interrupted while it waited for an answer", e);
        } catch (ExecutionException e) {
            throw Failures.of(e.getCause());
        }
    }

    /**
     * Answers piece by piece; each subscription is answered anew. The last response has the calls of tools, the reason
     * of the end and the number of tokens. A reader may block: what it does not take is not made, or no more than some
     * dozen pieces ahead, and nobody else waits for it. Cancelling the subscription ends the answer.
     */
    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.deferContextual(view -> {
            Prompt complete = complete(prompt);
            ChatModelObservationContext context = context(complete, true);
            Observation observation = observation(context);
            Observation parent = view.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
            if (parent != null) {
                observation.parentObservation(parent);
            }
            observation.start();
            return Flux.<ChatResponse>create(sink -> begin(complete, context, sink))
                    .publishOn(READERS, AHEAD)
                    .doOnError(observation::error)
                    .doFinally(_ -> observation.stop())
                    .contextWrite(written -> written.put(ObservationThreadLocalAccessor.KEY, observation));
        });
    }

    private void begin(Prompt prompt, ChatModelObservationContext context, FluxSink<ChatResponse> sink) {
        Question question = Question.of(prompt, this);
        ChatTask task = submit(question, new StreamListener(sink, question.responses(), context::setResponse));
        sink.onRequest(_ -> task.resume());
        sink.onCancel(task::cancel);
    }

    private ChatTask submit(Question question, ChatListener listener) {
        try {
            return chat.submit(question.request(), listener);
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
    }

    /** What is asked, and what is made of the answer. */
    private record Question(dev.kelvin.converse.ChatRequest request, ChatResponses responses) {
        static Question of(Prompt prompt, KelvinChatModel model) {
            KelvinChatOptions options = (KelvinChatOptions) prompt.getOptions();
            // One that a person can type again.
            long seed = options.getSeed() == null ? ThreadLocalRandom.current().nextLong(1L << 32) : options.getSeed();
            try {
                List<ToolDefinition> tools = model.tools.resolveToolDefinitions(options);
                return new Question(
                        ChatRequests.of(prompt, options, tools, seed, model.kelvin.contextLength()),
                        new ChatResponses(model.name, seed));
            } catch (IllegalArgumentException e) {
                throw Failures.of(e);
            }
        }
    }

    /** The same prompt with options of Kelvin's that name the model. */
    private Prompt complete(Prompt prompt) {
        KelvinChatOptions asked = asked(prompt.getOptions());
        try {
            ModelName.check(asked.getModel(), name);
        } catch (IllegalArgumentException e) {
            throw Failures.of(e);
        }
        return new Prompt(
                prompt.getInstructions(),
                asked.getModel() == null ? asked.mutate().model(name).build() : asked);
    }

    /** Options of Kelvin's are taken as they are, as Spring AI's models do; others change the model's own. */
    private KelvinChatOptions asked(ChatOptions given) {
        if (given == null) {
            return options;
        }
        if (given instanceof KelvinChatOptions own) {
            return own;
        }
        KelvinChatOptions.Builder merged = options.mutate().combineWith(given.mutate());
        if (given instanceof StructuredOutputChatOptions structured && structured.getOutputSchema() != null) {
            merged.outputSchema(structured.getOutputSchema());
        }
        return merged.build();
    }

    private static ChatModelObservationContext context(Prompt prompt, boolean streams) {
        return ChatModelObservationContext.builder()
                .prompt(prompt)
                .provider(PROVIDER)
                .streaming(streams)
                .build();
    }

    private Observation observation(ChatModelObservationContext context) {
        return ChatModelObservationDocumentation.CHAT_MODEL_OPERATION.observation(
                convention, CONVENTION, () -> context, observations);
    }

    /** Collects what a model is made of. For one thread; rejects null. */
    public static final class Builder {
        private final Kelvin kelvin;
        private KelvinChatOptions options = KelvinChatOptions.builder().build();
        private ToolCallingManager tools = ToolCallingManager.builder().build();
        private ObservationRegistry observations = ObservationRegistry.NOOP;
        private ChatModelObservationConvention convention = CONVENTION;

        private Builder(Kelvin kelvin) {
            this.kelvin = Objects.requireNonNull(kelvin, "kelvin");
        }

        /** What is done where a prompt says nothing; its model is the name, by default that of the model's file. */
        public Builder options(KelvinChatOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /** Who knows the tools of a prompt. */
        public Builder toolCallingManager(ToolCallingManager tools) {
            this.tools = Objects.requireNonNull(tools, "tools");
            return this;
        }

        /** Who is told of calls; nobody by default. */
        public Builder observationRegistry(ObservationRegistry observations) {
            this.observations = Objects.requireNonNull(observations, "observations");
            return this;
        }

        /** How calls are named and tagged. */
        public Builder observationConvention(ChatModelObservationConvention convention) {
            this.convention = Objects.requireNonNull(convention, "convention");
            return this;
        }

        /**
         * The model.
         *
         * @throws IllegalArgumentException if it is an encoder, or its chat template is none
         */
        public KelvinChatModel build() {
            if (!kelvin.writes()) {
                throw new IllegalArgumentException("chat: the model is an encoder: it makes vectors, and no texts");
            }
            try {
                return new KelvinChatModel(this, Chat.of(kelvin));
            } catch (ModelFormatException e) {
                throw new IllegalArgumentException("chat: " + e.getMessage(), e);
            }
        }
    }
}
